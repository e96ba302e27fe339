"""What customers owe."""


class CreditExceeded(ValueError):
    """The customer would owe more than the limit."""


class Customers:
    """Debts and credit limits by name, in cents."""

    def __init__(self):
        self._limits = {}
        self._debts = {}

    def add(self, name, limit):
        """Add a customer who owes nothing, or give one a new limit."""
        self._limits[name] = limit
        self._debts.setdefault(name, 0)

    def debt(self, name):
        """Return what the customer owes. Raises KeyError for an unknown name."""
        return self._debts[name]

    def charge(self, name, amount):
        """Add to a debt. Raises KeyError for an unknown name, CreditExceeded above the limit."""
        debt = self._debts[name] + amount
        if debt > self._limits[name]:
            raise CreditExceeded(f"{name} would owe {debt}, the limit is {self._limits[name]}")
        self._debts[name] = debt

    def debts(self):
        """Return a copy of all debts, to go back to with set_debts."""
        return dict(self._debts)

    def set_debts(self, debts):
        """Go back to what debts() returned."""
        self._debts = dict(debts)
