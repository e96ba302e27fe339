"""Running balance and the lowest point."""


def running(rows):
    """Return the balance after each row, in cents, starting from 0."""
    balances, balance = [], 0
    for row in rows:
        balance += row.amount
        balances.append(balance)
    return balances


def lowest(rows):
    """Return (place, balance) of the lowest balance, the first one if it occurs again.

    Returns None if there are no rows.
    """
    return min(enumerate(running(rows)), key=lambda pair: pair[1], default=None)
