"""Runs a script of commands, one a line.

    receive ITEM QUANTITY COST
    customer NAME LIMIT
    ship CUSTOMER ITEM QUANTITY [ITEM QUANTITY ...]
    quote CUSTOMER ITEM QUANTITY [ITEM QUANTITY ...]
    list
    check
"""

import sys

from stock import money, report
from stock.warehouse import Warehouse


def _lines(words):
    return [(words[i], int(words[i + 1])) for i in range(0, len(words), 2)]


def run(script):
    """Run the commands of a text and return the lines that they print."""
    warehouse = Warehouse()
    printed = []
    for line in script.splitlines():
        if line.strip():
            printed += _command(warehouse, *line.split())
    return printed


def _command(warehouse, verb, *words):
    if verb == "receive":
        warehouse.receive(words[0], int(words[1]), money.parse(words[2]))
        return []
    if verb == "customer":
        warehouse.customers.add(words[0], money.parse(words[1]))
        return []
    if verb == "ship":
        try:
            return [f"shipped, cost {money.show(warehouse.ship(words[0], _lines(words[1:])))}"]
        except (KeyError, ValueError) as err:
            return [f"refused: {err}"]
    if verb == "quote":
        cost = warehouse.simulate([(words[0], _lines(words[1:]))])[0]
        return ["quote: refused" if cost is None else f"quote: {money.show(cost)}"]
    if verb == "list":
        return report.stock_list(warehouse)
    if verb == "check":
        return [report.check(warehouse)]
    raise ValueError(f"unknown command {verb!r}")


if __name__ == "__main__":
    print("\n".join(run(sys.stdin.read())))
