"""Sorting of records by several fields."""

from rows import spec, values


def _check(records, keys):
    """Raise MixedTypes unless every key's field has one family of values."""
    for key in keys:
        families = {values.family(record.get(key.field)) for record in records} - {"none"}
        if len(families) > 1:
            raise values.MixedTypes(f"field {key.field!r} holds both numbers and text")


def _compare(a, b, keys):
    """Return a negative number, 0 or a positive number, as a stands before, with or after b."""
    for key in keys:
        left, right = a.get(key.field), b.get(key.field)
        if left is None and right is None:
            continue
        if left is None or right is None:
            return -1 if (left is None) == key.nulls_first else 1
        if left != right:
            return -1 if (left < right) != key.descending else 1
    return 0


def _merge(left, right, keys):
    merged, i, j = [], 0, 0
    while i < len(left) and j < len(right):
        if _compare(right[j], left[i], keys) <= 0:
            merged.append(right[j])
            j += 1
        else:
            merged.append(left[i])
            i += 1
    return merged + left[i:] + right[j:]


def _ordered(records, keys):
    """Merge sort."""
    if len(records) < 2:
        return list(records)
    middle = len(records) // 2
    return _merge(_ordered(records[:middle], keys), _ordered(records[middle:], keys), keys)


def sort_records(records, order):
    """Return a new list with the records in the given order.

    records is any iterable of dicts and is left as it is. order is text as spec.parse reads
    it. A field that a record lacks counts as None.

    - Records that are equal in every field of the order keep the sequence that they came in,
      whatever the directions.
    - None stands where the key says (nulls_first), whatever the direction.
    - Numbers (also bool) are compared as numbers, text by code point.
    - Before anything is sorted, every field of the order is looked at: if it holds both numbers
      and text, or a value that values.family refuses, MixedTypes is raised.
    """
    keys = spec.parse(order)
    records = list(records)
    _check(records, keys)
    return _ordered(records, keys)


class OrderedTable:
    """Records that are kept in an order while they come and go.

    Every record has a field "id", which is unique in the table.
    """

    def __init__(self, order):
        """Make an empty table. order is text as spec.parse reads it; its errors pass through."""
        self._keys = spec.parse(order)
        self._rows = []

    def __len__(self):
        """Return the number of records."""
        return len(self._rows)

    def rows(self):
        """Return a new list of the records in order."""
        return list(self._rows)

    def insert(self, record):
        """Put a record in its place: after those that are equal to it under the order.

        Raises KeyError if the id is taken, and MixedTypes if the record does not fit the others
        (see sort_records). After an error the table is as it was.
        """
        if any(row["id"] == record["id"] for row in self._rows):
            raise KeyError(record["id"])
        _check([*self._rows, record], self._keys)
        place = len(self._rows)
        while place > 0 and _compare(record, self._rows[place - 1], self._keys) < 0:
            place -= 1
        self._rows.insert(place, record)

    def remove(self, record_id):
        """Take out the record with that id and return it. Raises KeyError if there is none."""
        for place, row in enumerate(self._rows):
            if row["id"] == record_id:
                return self._rows.pop(place)
        raise KeyError(record_id)

    def reorder(self, order):
        """Change the order. Records that are equal under it keep the sequence they had.

        After an error (from spec.parse, or MixedTypes) the table keeps its order and records.
        """
        keys = spec.parse(order)
        _check(self._rows, keys)
        self._rows = _ordered(self._rows, keys)
        self._keys = keys
