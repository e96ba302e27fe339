"""Finds the row of the books for every row of the bank."""

DAYS = 3  # a payment may be booked so many days before or after the bank's day


def match(bank, books):
    """Return pairs (place in bank, place in books), in the order of bank.

    The rows of the bank are taken in their order. Each gets the first row of the books, in the
    order of the books, that has the same amount, is at most DAYS days away, and was not given to
    an earlier row of the bank. Rows that get none are left out.
    """
    places = {}
    for j in range(len(books) - 1, -1, -1):
        places.setdefault((books[j].amount, books[j].day), []).append(j)
    pairs = []
    for i, row in enumerate(bank):
        best = None
        for day in range(row.day - DAYS, row.day + DAYS + 1):
            waiting = places.get((row.amount, day))
            if waiting and (best is None or waiting[-1] < best[-1]):
                best = waiting
        if best is not None:
            pairs.append((i, best.pop()))
    return pairs
