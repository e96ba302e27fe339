"""Converts the amounts of a recipe."""

from units import converter, rounding


def in_units(lines, wanted, table=None):
    """Return recipe lines such as "2 cup milk" with their amounts in the wanted units.

    wanted gives the unit for each kind, such as {"volume": "ml"}. Lines of other kinds, lines
    that hold no amount and lines of unknown units stay as they are.
    """
    table = table or converter.defaultTable()
    return [_line(table, line, wanted) for line in lines]


def _line(table, line, wanted):
    words = line.split(None, 2)
    if len(words) < 3:
        return line
    try:
        amount, unit = converter.parseQuantity(" ".join(words[:2]))
        target = wanted.get(table.findUnit(unit).unitKind)
    except (ValueError, converter.unknownUnit):
        return line
    if target is None:
        return line
    amount = converter.convertValue(table, amount, fromUnit=unit, toUnit=target, numDigits=1)
    return f"{rounding.plain(amount, 1)} {target} {words[2]}"
