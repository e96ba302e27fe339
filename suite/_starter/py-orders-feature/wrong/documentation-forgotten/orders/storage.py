"""The book as JSON text."""

import json

from orders.book import Book
from orders.model import OPEN, PAID, STATUSES, Line, Order

VERSION = 2


class FormatError(ValueError):
    """The text is not a book that this version can read."""


def dumps(book):
    """Return the book as text."""
    return json.dumps({"version": VERSION, "orders": [_plain(order) for order in book.orders()]})


def loads(text):
    """Return the book that dumps wrote, now or in version 1. Raises FormatError.

    Empty text is an empty book.
    """
    if not text.strip():
        return Book()
    try:
        data = json.loads(text)
        version = data["version"]
        if version not in _READERS:
            raise FormatError(f"version {version!r}, expected 1 or {VERSION}")
        return Book([_READERS[version](entry) for entry in data["orders"]])
    except FormatError:
        raise
    except (ValueError, KeyError, TypeError) as err:
        raise FormatError(f"not an order book: {err}") from None


def _plain(order):
    return {
        "id": order.id,
        "customer": order.customer,
        "lines": [[line.item, line.quantity, line.price] for line in order.lines],
        "status": order.status,
        "reason": order.reason,
        "refund": order.refund,
    }


def _order(entry, *state):
    return Order(entry["id"], entry["customer"], [Line(*line) for line in entry["lines"]], *state)


def _order_1(entry):
    return _order(entry, PAID if entry["paid"] else OPEN)


def _order_2(entry):
    if entry["status"] not in STATUSES:
        raise FormatError(f"status {entry['status']!r}, expected one of {', '.join(STATUSES)}")
    return _order(entry, entry["status"], entry["reason"], entry["refund"])


_READERS = {1: _order_1, 2: _order_2}
