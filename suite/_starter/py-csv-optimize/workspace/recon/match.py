"""Finds the row of the books for every row of the bank."""

DAYS = 3  # a payment may be booked so many days before or after the bank's day


def match(bank, books):
    """Return pairs (place in bank, place in books), in the order of bank.

    The rows of the bank are taken in their order. Each gets the first row of the books, in the
    order of the books, that has the same amount, is at most DAYS days away, and was not given to
    an earlier row of the bank. Rows that get none are left out.
    """
    given = [False] * len(books)
    pairs = []
    for i, row in enumerate(bank):
        for j, entry in enumerate(books):
            if given[j]:
                continue
            if entry.amount == row.amount and abs(entry.day - row.day) <= DAYS:
                given[j] = True
                pairs.append((i, j))
                break
    return pairs
