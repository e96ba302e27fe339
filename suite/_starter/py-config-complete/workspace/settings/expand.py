"""Puts values in place of references."""

import re

from settings.errors import CycleError, MissingError, SyntaxProblem

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
    raise NotImplementedError
