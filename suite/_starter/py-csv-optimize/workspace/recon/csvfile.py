"""Reads CSV text into rows."""

import csv
import datetime
import re
from typing import NamedTuple

AMOUNT = re.compile(r"(-?)(\d+)\.(\d\d)")


class Row(NamedTuple):
    """One row. day counts from 1 January of year 1, amount is in cents."""

    day: int
    amount: int
    text: str


def parse(text):
    """Return the rows of CSV text with the heading day,amount,text, in the order of the file.

    Raises ValueError with the number of the line if something cannot be read.
    """
    lines = csv.reader(text.splitlines())
    if next(lines, None) != ["day", "amount", "text"]:
        raise ValueError("line 1: expected the heading day,amount,text")
    rows = []
    for number, fields in enumerate(lines, start=2):
        amount = AMOUNT.fullmatch(fields[1]) if len(fields) == 3 else None
        if amount is None:
            raise ValueError(f"line {number}: expected a row such as 2026-03-31,-12.50,Stamps")
        try:
            day = datetime.date.fromisoformat(fields[0]).toordinal()
        except ValueError as err:
            raise ValueError(f"line {number}: {err}") from None
        cents = int(amount[2]) * 100 + int(amount[3])
        rows.append(Row(day, -cents if amount[1] else cents, fields[2]))
    return rows
