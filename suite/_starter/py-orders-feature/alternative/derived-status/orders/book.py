"""All orders and what may be done with them."""

from orders.model import Line, Order


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
        """Mark an order as paid. Raises KeyError, and StateError if it is paid already."""
        order = self.get(order_id)
        if order.status != "open":
            raise StateError(f"order {order_id} is {order.status}")
        order.was_paid = True

    def cancel(self, order_id, reason):
        """Cancel an open or paid order. Raises KeyError, StateError and ValueError."""
        order = self.get(order_id)
        if order.status == "cancelled":
            raise StateError(f"order {order_id} is cancelled already")
        if not reason.strip():
            raise ValueError("expected a reason")
        order.reason = reason.strip()

    def open_total(self):
        """Return the amount of the orders that are not paid."""
        return sum(order.amount() for order in self.orders() if order.status == "open")

    def paid_total(self):
        """Return the amount of the orders that are paid."""
        return sum(order.amount() for order in self.orders() if order.paid)

    def refund_total(self):
        """Return what has to be paid back."""
        return sum(order.refund for order in self.orders())
