"""The warehouse: goods, books and customers together."""

from contextlib import contextmanager

from stock.customers import Customers
from stock.ledger import Ledger
from stock.lots import LotQueue

MARGIN = 150  # customers pay this percentage of the cost


class Warehouse:
    """Everything that happens to the goods. Amounts are cents, items are named by text."""

    def __init__(self):
        self.ledger = Ledger()
        self.customers = Customers()
        self._queues = {}

    def receive(self, item, quantity, cost):
        """Take in a lot at a cost per piece. Raises ValueError as LotQueue.add does."""
        queue = self._queues.get(item, LotQueue())
        queue.add(quantity, cost)
        self._queues[item] = queue
        self.ledger.post("stock", "suppliers", quantity * cost)

    def items(self):
        """Return the items that were ever received, by name."""
        return sorted(self._queues)

    def on_hand(self, item):
        """Return how many pieces there are. Raises KeyError for an unknown item."""
        return self._queues[item].quantity()

    def worth(self, item):
        """Return what the pieces there cost. Raises KeyError for an unknown item."""
        return self._queues[item].worth()

    def ship(self, customer, lines):
        """Ship an order and return the cost of the goods.

        The customer is charged the cost with the margin. Raises KeyError for an unknown item or
        customer, Shortage, CreditExceeded, or ValueError for a quantity below 1. A refused order
        leaves no trace.
        """
        with self._all_or_nothing():
            cost = 0
            for item, quantity in lines:
                taken = self._queues[item].take(quantity)
                self.ledger.post("goods sold", "stock", taken)
                cost += taken
            price = cost * MARGIN // 100
            self.customers.charge(customer, price)
            self.ledger.post("debtors", "sales", price)
        return cost

    def simulate(self, orders):
        """Return what each order (customer, lines) would cost if it were the only one.

        The answer is None for an order that would be refused. Nothing changes.
        """
        costs = []
        for customer, lines in orders:
            saved = self._save()
            try:
                costs.append(self.ship(customer, lines))
            except (KeyError, ValueError):
                costs.append(None)
            self._restore(saved)
        return costs

    @contextmanager
    def _all_or_nothing(self):
        saved = self._save()
        try:
            yield
        except Exception:
            self._restore(saved)
            raise

    def _save(self):
        queues = {item: queue.copy() for item, queue in self._queues.items()}
        return queues, self.ledger.mark(), self.customers.debts()

    def _restore(self, saved):
        queues, mark, debts = saved
        self._queues = queues
        self.ledger.cut(mark)
        self.customers.set_debts(debts)
