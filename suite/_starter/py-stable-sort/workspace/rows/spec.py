"""Orders as users write them."""

from typing import NamedTuple


class Key(NamedTuple):
    """One field of an order."""

    field: str
    descending: bool = False
    nulls_first: bool = False


def parse(text):
    """Read an order such as "-price?first,name" and return its keys, most important first.

    Raises ValueError for an empty field, a field that occurs twice and an unknown ending.
    """
    keys = []
    for part in text.split(","):
        name, mark, ending = part.strip().partition("?")
        if mark and ending not in ("first", "last"):
            raise ValueError(f"order {text!r}: {ending!r} after ?, expected first or last")
        descending = name.startswith("-")
        name = name.removeprefix("-").strip()
        if not name:
            raise ValueError(f"order {text!r}: a field has no name")
        if any(key.field == name for key in keys):
            raise ValueError(f"order {text!r}: field {name!r} occurs twice")
        keys.append(Key(name, descending, ending == "first"))
    return keys
