"""Finds rows that occur twice."""


def _plain(text):
    return " ".join(text.casefold().split())


def duplicates(rows):
    """Return pairs (place, place of the first equal row) for rows that occurred before.

    Rows are equal if day and amount are, and the text apart from white space and case.
    """
    found = []
    for i, row in enumerate(rows):
        text = _plain(row.text)
        for j in range(i):
            first = rows[j]
            if first.amount == row.amount and _plain(first.text) == text and first.day == row.day:
                found.append((i, j))
                break
    return found
