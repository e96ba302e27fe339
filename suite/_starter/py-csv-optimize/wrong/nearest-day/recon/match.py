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
        for step in sorted(range(-DAYS, DAYS + 1), key=abs):
            waiting = places.get((row.amount, row.day + step))
            if waiting:
                best = waiting
                break
        if best is not None:
            pairs.append((i, best.pop()))
    return pairs
