"""Which values of a field can stand beside each other."""


class MixedTypes(TypeError):
    """A field holds values that have no common order."""


def family(value):
    """Return "number", "text" or "none" for a value.

    Raises MixedTypes for values of any other type, which no field may hold.
    """
    if value is None:
        return "none"
    if isinstance(value, (bool, int, float)):
        return "number"
    if isinstance(value, str):
        return "text"
    raise MixedTypes(f"a field cannot hold {type(value).__name__}")
