"""The commands. docs/commands.md describes them."""

import pathlib
import sys

from orders import storage
from orders.book import StateError
from orders.model import STATUSES, show_money

DOCS = pathlib.Path(__file__).resolve().parent.parent / "docs" / "commands.md"


class UsageError(Exception):
    """The command is not written as it should be."""


def run(words, stored=""):
    """Run one command on the stored text of a book.

    Returns the text to store and the lines to print. After an error the text is the one that
    was given, and the line begins with "error: ".
    """
    try:
        book = storage.loads(stored)
        printed = _command(book, *words)
    except (UsageError, StateError, KeyError, ValueError) as err:
        return stored, [f"error: {err.args[0]}"]
    return storage.dumps(book), printed


def _command(book, verb="help", *words):
    if verb == "new":
        order = book.new(words[0] if words else "", _lines(words[1:]))
        return [f"order {order.id}: {show_money(order.amount())}"]
    if verb == "pay":
        book.pay(_number(words))
        return [f"order {words[0]} paid"]
    if verb == "list":
        return _list(book, words)
    if verb == "cancel":
        number, reason = _number(words), " ".join(words[1:])
        book.cancel(number, reason)
        order = book.get(number)
        refund = f", refund {show_money(order.refund)}" if order.refund else ""
        return [f"order {number} cancelled: {order.reason}{refund}"]
    if verb == "totals":
        return _totals(book)
    if verb == "help":
        return DOCS.read_text(encoding="utf-8").splitlines()
    raise UsageError(f"unknown command {verb}")


def _show(order):
    reason = f" ({order.reason})" if order.reason else ""
    return f"{order.id} {order.customer} {show_money(order.amount())} {order.status}{reason}"


def _list(book, words):
    if len(words) > 1 or not set(words) <= set(STATUSES):
        raise UsageError(f"expected list, or list with one of {', '.join(STATUSES)}")
    return [_show(order) for order in book.orders() if not words or order.status == words[0]]


def _totals(book):
    lines = [f"open {show_money(book.open_total())}", f"paid {show_money(book.paid_total())}"]
    if book.refund_total() > 0:
        lines.append(f"refunds {show_money(book.refund_total())}")
    return lines


def _number(words):
    if not words or not words[0].isdigit():
        raise UsageError("expected the number of an order")
    return int(words[0])


def _lines(words):
    if len(words) % 3:
        raise UsageError("expected ITEM QUANTITY PRICE for every line")
    lines = []
    for i in range(0, len(words), 3):
        item, quantity, price = words[i : i + 3]
        lines.append((item, int(quantity), round(float(price) * 100)))
    return lines


def main(args):
    """Run a command on the file that is named first."""
    path = pathlib.Path(args[0])
    stored, printed = run(args[1:], path.read_text(encoding="utf-8") if path.exists() else "")
    path.write_text(stored, encoding="utf-8")
    print("\n".join(printed))


if __name__ == "__main__":
    main(sys.argv[1:])
