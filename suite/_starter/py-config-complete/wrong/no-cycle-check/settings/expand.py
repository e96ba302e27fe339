"""Puts values in place of references."""

import re

from settings.errors import MissingError, SyntaxProblem

NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_.]*")


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
    parts = []
    place = 0
    while (dollar := text.find("$", place)) >= 0:
        parts.append(text[place:dollar])
        if text.startswith("$$", dollar):
            parts.append("$")
            place = dollar + 2
        else:
            name, default, place = _reference(text, dollar)
            parts.append(_value(name, default, lookup, path))
    return "".join(parts) + text[place:]


def _value(name, default, lookup, path):
    """Return what stands for a reference; default is None if it has none."""
    raw = lookup(name)
    if raw is not None:
        return expand(raw, lookup, (*path, name))
    if default is None:
        raise MissingError(name)
    return expand(default, lookup, path)


def _reference(text, dollar):
    """Read the reference at a dollar sign: its name, default or None, and the place after it."""
    name = NAME.match(text, dollar + 2) if text.startswith("${", dollar) else None
    if name is None:
        raise SyntaxProblem(text, dollar)
    place = name.end()
    if text.startswith("}", place):
        return name[0], None, place + 1
    if not text.startswith(":-", place):
        raise SyntaxProblem(text, dollar)
    end = start = place + 2
    while end < len(text) and text[end] != "}":
        if text.startswith("$$", end):
            end += 2
        elif text[end] == "$":
            end = _reference(text, end)[2]
        else:
            end += 1
    if end >= len(text):
        raise SyntaxProblem(text, dollar)
    return name[0], text[start:end], end + 1
