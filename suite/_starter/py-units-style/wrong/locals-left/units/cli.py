"""The command line: convert AMOUNT UNIT UNIT, all AMOUNT UNIT, table, json."""

import sys

from units import converter, rounding

EXPORTS = {"table": "table_text", "json": "save_table"}


def run(words):
    """Run one command and return the text that it prints.

    Raises ValueError or KeyError for what it does not know.
    """
    table = converter.default_table()
    verb, *rest = words
    if verb in EXPORTS:
        return getattr(converter, EXPORTS[verb])(table)
    if verb == "convert":
        amount, unit = converter.parse_quantity(" ".join(rest[:2]))
        return _show(converter.convert_value(table, amount, unit, rest[2]), rest[2])
    if verb == "all":
        amount, unit = converter.parse_quantity(" ".join(rest))
        return "\n".join(_show(*pair[::-1]) for pair in converter.convert_all(table, amount, unit))
    raise ValueError(f"unknown command {verb!r}")


def _show(amount, unit):
    return f"{rounding.plain(amount, converter.MAX_DIGITS)} {unit}"


if __name__ == "__main__":
    print(run(sys.argv[1:]))
