"""The command line: convert AMOUNT UNIT UNIT, all AMOUNT UNIT, table, json."""

import sys

from units import converter, rounding

EXPORTS = {"table": "tableText", "json": "saveTable"}


def run(words):
    """Run one command and return the text that it prints.

    Raises ValueError or KeyError for what it does not know.
    """
    table = converter.defaultTable()
    verb, *rest = words
    if verb in EXPORTS:
        return getattr(converter, EXPORTS[verb])(table)
    if verb == "convert":
        amount, unit = converter.parseQuantity(" ".join(rest[:2]))
        return _show(converter.convertValue(table, amount, unit, rest[2]), rest[2])
    if verb == "all":
        amount, unit = converter.parseQuantity(" ".join(rest))
        return "\n".join(_show(*pair[::-1]) for pair in converter.convertAll(table, amount, unit))
    raise ValueError(f"unknown command {verb!r}")


def _show(amount, unit):
    return f"{rounding.plain(amount, converter.maxDigits)} {unit}"


if __name__ == "__main__":
    print(run(sys.argv[1:]))
