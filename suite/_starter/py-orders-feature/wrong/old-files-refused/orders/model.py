"""An order and its lines. Amounts of money are whole cents."""

from dataclasses import dataclass

OPEN, PAID, CANCELLED = "open", "paid", "cancelled"
STATUSES = (OPEN, PAID, CANCELLED)


@dataclass(frozen=True)
class Line:
    """Some pieces of one item. price is that of one piece."""

    item: str
    quantity: int
    price: int


@dataclass
class Order:
    """What a customer ordered.

    status is one of STATUSES. reason says why a cancelled order was cancelled, and refund is what
    has to be paid back because it was paid before.
    """

    id: int
    customer: str
    lines: list
    status: str = OPEN
    reason: str = ""
    refund: int = 0

    @property
    def paid(self):
        """Whether the order is paid."""
        return self.status == PAID

    def amount(self):
        """Return what the order costs."""
        return sum(line.quantity * line.price for line in self.lines)


def show_money(cents):
    """Print cents as an amount."""
    return f"{cents // 100}.{cents % 100:02}"
