"""Finds rows that occur twice."""


def _plain(text):
    return " ".join(text.casefold().split())


def duplicates(rows):
    """Return pairs (place, place of the first equal row) for rows that occurred before.

    Rows are equal if day and amount are, and the text apart from white space and case.
    """
    found = []
    first = {}
    for i, row in enumerate(rows):
        j = first.setdefault((row.day, row.amount, _plain(row.text)), i)
        if j != i:
            found.append((i, j))
    return found
