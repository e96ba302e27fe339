"""The table of units and the conversion between them."""

import json

MAX_DIGITS = 6

STANDARD_UNITS = [
    ("m", "length", 1.0),
    ("km", "length", 1000.0),
    ("cm", "length", 0.01),
    ("in", "length", 0.0254),
    ("g", "mass", 1.0),
    ("kg", "mass", 1000.0),
    ("lb", "mass", 453.59237),
    ("ml", "volume", 1.0),
    ("l", "volume", 1000.0),
    ("cup", "volume", 236.588),
]


class UnknownUnit(KeyError):
    """There is no such unit."""


class KindMismatch(ValueError):
    """Two units do not measure the same kind of thing."""


class UnitEntry:
    """One unit: its name, what it measures, and how many base units it is."""

    def __init__(self, unit_name, unit_kind, base_factor):
        self.unit_name = unit_name
        self.unit_kind = unit_kind
        self.base_factor = base_factor

    def as_dict(self):
        """Return the unit as it is stored in files."""
        return {
            "unitName": self.unit_name,
            "unitKind": self.unit_kind,
            "baseFactor": self.base_factor,
        }


class UnitTable:
    """Units by name."""

    def __init__(self):
        self._units_by_name = {}
        self._ratio_cache = {}

    def add_unit(self, unit_name, unit_kind, base_factor):
        """Add a unit or change one. Raises ValueError unless base_factor is above 0."""
        if not base_factor > 0:
            raise ValueError(f"unit {unit_name}: factor {base_factor}, expected more than 0")
        self._units_by_name[unit_name] = UnitEntry(unit_name, unit_kind, base_factor)
        self._ratio_cache.clear()

    def find_unit(self, unit_name):
        """Return a unit. Raises UnknownUnit."""
        try:
            return self._units_by_name[unit_name]
        except KeyError:
            raise UnknownUnit(unit_name) from None

    def unit_names(self, unit_kind=None):
        """Return the names of all units, or of one kind, sorted."""
        allUnits = self._units_by_name.values()
        return sorted(u.unit_name for u in allUnits if unit_kind in (None, u.unit_kind))

    def ratio_of(self, from_unit, to_unit):
        """Return how many to_unit one from_unit is. Raises UnknownUnit and KindMismatch."""
        cacheKey = (from_unit, to_unit)
        if cacheKey not in self._ratio_cache:
            source, target = self.find_unit(from_unit), self.find_unit(to_unit)
            if source.unit_kind != target.unit_kind:
                raise KindMismatch(f"{from_unit} is {source.unit_kind}, not {target.unit_kind}")
            self._ratio_cache[cacheKey] = source.base_factor / target.base_factor
        return self._ratio_cache[cacheKey]


def default_table():
    """Return a new table with the standard units."""
    newTable = UnitTable()
    for unit_name, unit_kind, base_factor in STANDARD_UNITS:
        newTable.add_unit(unit_name, unit_kind, base_factor)
    return newTable


def convert_value(table, amount, from_unit, to_unit, num_digits=MAX_DIGITS):
    """Return an amount in another unit, rounded. Raises as UnitTable.ratio_of does."""
    return round(amount * table.ratio_of(from_unit, to_unit), num_digits)


def convert_all(table, amount, from_unit, num_digits=MAX_DIGITS):
    """Return an amount in every unit of the same kind, as (unit name, amount), by name."""
    unit_kind = table.find_unit(from_unit).unit_kind
    return [
        (to_unit, convert_value(table, amount, from_unit, to_unit, num_digits=num_digits))
        for to_unit in table.unit_names(unit_kind=unit_kind)
    ]


def parse_quantity(text):
    """Read a quantity such as "2.5 kg" as (amount, unit name). Raises ValueError."""
    number_part, _, unit_part = text.strip().partition(" ")
    unit_name = unit_part.strip()
    if not unit_name:
        raise ValueError(f"quantity {text!r}: expected a number and a unit, such as 2.5 kg")
    return float(number_part), unit_name


def table_text(table):
    """Return the table as lines of tab-separated name, kind and factor."""
    textLines = []
    for unit_name in table.unit_names():
        entry = table.find_unit(unit_name)
        textLines.append(f"{unit_name}\t{entry.unit_kind}\t{entry.base_factor}")
    return "\n".join(textLines)


def save_table(table):
    """Return the table as JSON text, which load_table and other programs read."""
    return json.dumps([table.find_unit(unit_name).as_dict() for unit_name in table.unit_names()])


def load_table(text):
    """Return the table that save_table wrote."""
    newTable = UnitTable()
    for fields in json.loads(text):
        newTable.add_unit(fields["unitName"], fields["unitKind"], fields["baseFactor"])
    return newTable
