"""All orders and what may be done with them."""

from orders.model import CANCELLED, OPEN, PAID, Line, Order


class StateError(Exception):
    """The order is not in a state in which that may be done."""


class Book:
    """Orders by number. Numbers count from 1 and are never used again."""

    def __init__(self, orders=()):
        self._orders = {order.id: order for order in orders}

    def orders(self):
        """Return every order, by number."""
        return [self._orders[number] for number in sorted(self._orders)]

    def get(self, order_id):
        """Return an order. Raises KeyError if there is none of that number."""
        if order_id not in self._orders:
            raise KeyError(f"no order {order_id}")
        return self._orders[order_id]

    def new(self, customer, lines):
        """Write down an order of (item, quantity, price) lines and return it.

        Raises ValueError if there are no lines, or one has a quantity below 1 or a price below 0.
        """
        if not lines:
            raise ValueError("an order needs a line")
        for item, quantity, price in lines:
            if quantity < 1 or price < 0:
                raise ValueError(f"line {item}: quantity {quantity}, price {price}")
        number = max(self._orders, default=0) + 1
        self._orders[number] = Order(number, customer, [Line(*line) for line in lines])
        return self._orders[number]

    def pay(self, order_id):
        """Mark an order as paid. Raises KeyError, and StateError unless it is open."""
        order = self.get(order_id)
        if order.status != OPEN:
            raise StateError(f"order {order_id} is {order.status} already")
        order.status = PAID

    def cancel(self, order_id, reason):
        """Cancel an order that is open or paid.

        Raises KeyError, StateError if it is cancelled already, and ValueError without a reason.
        """
        order = self.get(order_id)
        if order.status == CANCELLED:
            raise StateError(f"order {order_id} is cancelled already")
        reason = reason.strip()
        if not reason:
            raise ValueError("a reason is needed")
        order.refund = order.amount() if order.paid else 0
        order.status, order.reason = CANCELLED, reason

    def open_total(self):
        """Return the amount of the orders that are open."""
        return sum(order.amount() for order in self.orders() if order.status == OPEN)

    def paid_total(self):
        """Return the amount of the orders that are paid."""
        return sum(order.amount() for order in self.orders() if order.paid)

    def refund_total(self):
        """Return what has to be paid back for cancelled orders."""
        return sum(order.refund for order in self.orders())
