"""The book as JSON text."""

import json

from orders.book import Book
from orders.model import Line, Order

VERSION = 1


class FormatError(ValueError):
    """The text is not a book that this version can read."""


def dumps(book):
    """Return the book as text."""
    return json.dumps({"version": VERSION, "orders": [_plain(order) for order in book.orders()]})


def loads(text):
    """Return the book that dumps wrote; an empty book for empty text. Raises FormatError."""
    if not text.strip():
        return Book()
    try:
        data = json.loads(text)
        version = data["version"]
        if version != VERSION:
            raise FormatError(f"version {version!r}, expected {VERSION}")
        return Book([_order(entry) for entry in data["orders"]])
    except FormatError:
        raise
    except (ValueError, KeyError, TypeError) as err:
        raise FormatError(f"not an order book: {err}") from None


def _plain(order):
    return {
        "id": order.id,
        "customer": order.customer,
        "lines": [[line.item, line.quantity, line.price] for line in order.lines],
        "paid": order.paid,
    }


def _order(entry):
    lines = [Line(*line) for line in entry["lines"]]
    return Order(entry["id"], entry["customer"], lines, entry["paid"])
