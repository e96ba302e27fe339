"""Sorting of records by several fields."""

from rows import spec, values


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
    raise NotImplementedError


class OrderedTable:
    """Records that are kept in an order while they come and go.

    Every record has a field "id", which is unique in the table.
    """

    def __init__(self, order):
        """Make an empty table. order is text as spec.parse reads it; its errors pass through."""
        raise NotImplementedError

    def __len__(self):
        """Return the number of records."""
        raise NotImplementedError

    def rows(self):
        """Return a new list of the records in order."""
        raise NotImplementedError

    def insert(self, record):
        """Put a record in its place: after those that are equal to it under the order.

        Raises KeyError if the id is taken, and MixedTypes if the record does not fit the others
        (see sort_records). After an error the table is as it was.
        """
        raise NotImplementedError

    def remove(self, record_id):
        """Take out the record with that id and return it. Raises KeyError if there is none."""
        raise NotImplementedError

    def reorder(self, order):
        """Change the order. Records that are equal under it keep the sequence they had.

        After an error (from spec.parse, or MixedTypes) the table keeps its order and records.
        """
        raise NotImplementedError
