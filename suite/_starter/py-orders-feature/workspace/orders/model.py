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
    paid: bool = False

    def amount(self):
        """Return what the order costs."""
        return sum(line.quantity * line.price for line in self.lines)


def show_money(cents):
    """Print cents as an amount."""
    return f"{cents // 100}.{cents % 100:02}"
