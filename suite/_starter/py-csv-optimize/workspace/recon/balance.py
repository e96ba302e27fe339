"""Running balance and the lowest point."""


def running(rows):
    """Return the balance after each row, in cents, starting from 0."""
    return [sum(row.amount for row in rows[: i + 1]) for i in range(len(rows))]


def lowest(rows):
    """Return (place, balance) of the lowest balance, the first one if it occurs again.

    Returns None if there are no rows.
    """
    best = None
    for i in range(len(rows)):
        balance = sum(row.amount for row in rows[: i + 1])
        if best is None or balance < best[1]:
            best = (i, balance)
    return best
