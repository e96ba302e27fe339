"""Postings and balances."""


class Ledger:
    """A list of postings (debit account, credit account, cents), oldest first."""

    def __init__(self):
        self._postings = []

    def post(self, debit, credit, amount):
        """Move an amount: it is added to debit and taken from credit."""
        self._postings.append((debit, credit, amount))

    def balance(self, account):
        """Return the balance of an account; 0 for one that was never used."""
        total = 0
        for debit, credit, amount in self._postings:
            total += amount * ((debit == account) - (credit == account))
        return total

    def postings(self):
        """Return every posting, oldest first."""
        return list(self._postings)

    def mark(self):
        """Return the present end, for cut."""
        return len(self._postings)

    def cut(self, mark):
        """Drop what was posted after the mark."""
        del self._postings[mark:]
