"""Converts the amounts of a recipe."""

from units import converter, rounding


def in_units(lines, wanted, table=None):
    """Return recipe lines such as "2 cup milk" with their amounts in the wanted units.

    wanted gives the unit for each kind, such as {"volume": "ml"}. Lines of other kinds, lines
    that hold no amount and lines of unknown units stay as they are.
    """
    table = table or converter.default_table()
    return [_line(table, line, wanted) for line in lines]


def _line(table, line, wanted):
    words = line.split(None, 2)
    if len(words) < 3:
        return line
    try:
        amount, unit = converter.parse_quantity(" ".join(words[:2]))
        target = wanted.get(table.find_unit(unit).unit_kind)
    except (ValueError, converter.UnknownUnit):
        return line
    if target is None:
        return line
    amount = converter.convert_value(table, amount, from_unit=unit, to_unit=target, num_digits=1)
    return f"{rounding.plain(amount, 1)} {target} {words[2]}"
