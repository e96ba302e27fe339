"""The book as JSON text."""

import json

from orders.book import Book
from orders.model import Line, Order

VERSION = 2


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
        if version not in (1, VERSION):
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
        "status": order.status,
        "reason": order.reason,
        "refund": order.refund,
    }


def _order(entry):
    lines = [Line(*line) for line in entry["lines"]]
    if "paid" in entry:
        return Order(entry["id"], entry["customer"], lines, entry["paid"])
    if entry["status"] not in ("open", "paid", "cancelled"):
        raise FormatError(f"unknown status {entry['status']!r}")
    was_paid = entry["status"] == "paid" or entry["refund"] > 0
    return Order(entry["id"], entry["customer"], lines, was_paid, entry["reason"])
