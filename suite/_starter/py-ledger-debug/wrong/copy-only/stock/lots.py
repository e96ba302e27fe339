"""The lots of one item."""

from dataclasses import dataclass, replace


class Shortage(ValueError):
    """There is less than was asked for."""


@dataclass
class Lot:
    """Pieces that came in together. cost is that of one piece, in cents."""

    quantity: int
    cost: int


class LotQueue:
    """Lots in the order in which they came in."""

    def __init__(self, lots=()):
        self._lots = list(lots)

    def add(self, quantity, cost):
        """Append a lot. Raises ValueError unless quantity is at least 1 and cost at least 0."""
        if quantity < 1 or cost < 0:
            raise ValueError(f"lot of {quantity} at {cost}: expected at least 1 at no less than 0")
        self._lots.append(Lot(quantity, cost))

    def take(self, quantity):
        """Take pieces from the oldest lots and return what they cost together.

        Raises Shortage if there are not enough and ValueError for less than 1; nothing is
        taken then.
        """
        if quantity < 1:
            raise ValueError(f"quantity {quantity}: expected at least 1")
        if quantity > self.quantity():
            raise Shortage(f"{quantity} wanted, {self.quantity()} there")
        cost = 0
        while quantity:
            lot = self._lots[0]
            used = min(quantity, lot.quantity)
            cost += used * lot.cost
            lot.quantity -= used
            quantity -= used
            if lot.quantity == 0:
                self._lots.pop(0)
        return cost

    def quantity(self):
        """Return how many pieces there are."""
        return sum(lot.quantity for lot in self._lots)

    def worth(self):
        """Return what the pieces cost together."""
        return sum(lot.quantity * lot.cost for lot in self._lots)

    def copy(self):
        """Return a queue with lots of its own that equal these, to go back to."""
        return LotQueue(replace(lot) for lot in self._lots)
