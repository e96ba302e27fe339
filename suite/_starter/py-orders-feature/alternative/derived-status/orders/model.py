"""An order and its lines. Amounts of money are whole cents."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Line:
    """Some pieces of one item. price is that of one piece."""

    item: str
    quantity: int
    price: int


@dataclass
class Order:
    """What a customer ordered."""

    id: int
    customer: str
    lines: list
    was_paid: bool = False
    reason: str = ""

    @property
    def status(self):
        """open, paid or cancelled."""
        if self.reason:
            return "cancelled"
        return "paid" if self.was_paid else "open"

    @property
    def paid(self):
        """Whether the order is paid and stands."""
        return self.status == "paid"

    @property
    def refund(self):
        """What has to be paid back."""
        return self.amount() if self.reason and self.was_paid else 0

    def amount(self):
        """Return what the order costs."""
        return sum(line.quantity * line.price for line in self.lines)


def show_money(cents):
    """Print cents as an amount."""
    return f"{cents // 100}.{cents % 100:02}"
