"""Puts values in place of references."""

import re

from settings.errors import CycleError, MissingError, SyntaxProblem

NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_.]*")
REFERENCE = re.compile(r"\$\$|\$\{([A-Za-z_][A-Za-z0-9_.]*)(?::-([^}]*))?\}")


def expand(text, lookup, path=()):
    """Return text with every reference replaced.

    lookup(name) returns the raw text of a setting, or None if it is not set. path holds the names
    that are being expanded around this call, outermost first.

    - "$$" stands for one dollar sign.
    - "${name}" stands for the value of the setting, which is itself expanded. What comes out is
      put in as it is and not looked at again. A name is what NAME matches. If the setting is not
      set, MissingError is raised.
    - "${name:-default}" stands for the value if the setting is set, even to "", and else for the
      default, which is itself expanded. The default goes on to the brace that closes the
      reference: in it, "$$" and whole references are passed over with their braces, and any
      other "{" is plain text. A default that is not needed is not expanded, so that settings it
      refers to need not be there.
    - A dollar sign before anything else, a reference with another name, and one that is not closed
      raise SyntaxProblem with text and the place of the dollar sign.

    If a setting is needed while its own value is being expanded, CycleError is raised with the
    names from that setting along the path back to it. To need a setting several times side by
    side is no cycle.
    """
    place = 0
    parts = []
    for found in REFERENCE.finditer(text):
        plain = text[place : found.start()]
        if "$" in plain:
            raise SyntaxProblem(text, place + plain.index("$"))
        parts.append(plain)
        place = found.end()
        parts.append("$" if found[0] == "$$" else _value(found[1], found[2], lookup, path))
    if "$" in text[place:]:
        raise SyntaxProblem(text, text.index("$", place))
    return "".join(parts) + text[place:]


def _value(name, default, lookup, path):
    """Return what stands for a reference; default is None if it has none."""
    if name in path:
        raise CycleError([*path[path.index(name) :], name])
    raw = lookup(name)
    if raw is not None:
        return expand(raw, lookup, (*path, name))
    if default is None:
        raise MissingError(name)
    return expand(default, lookup, path)
