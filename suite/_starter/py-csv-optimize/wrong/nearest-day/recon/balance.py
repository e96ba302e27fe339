"""Running balance and the lowest point."""

from itertools import accumulate


def running(rows):
    """Return the balance after each row, in cents, starting from 0."""
    return list(accumulate(row.amount for row in rows))


def lowest(rows):
    """Return (place, balance) of the lowest balance, the first one if it occurs again.

    Returns None if there are no rows.
    """
    balances = running(rows)
    if not balances:
        return None
    balance = min(balances)
    return balances.index(balance), balance
