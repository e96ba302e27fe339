"""Reads settings from lines."""

from settings.errors import SettingsError


def parse(text):
    """Return the settings in lines "name = value" as a dict.

    Empty lines and those that begin with # are passed over. White space around names and values
    is dropped. Raises SettingsError for any other line, and for a name that is set twice.
    """
    found = {}
    for number, line in enumerate(text.splitlines(), start=1):
        line = line.strip()
        if not line or line.startswith("#"):
            continue
        name, equals, value = (part.strip() for part in line.partition("="))
        if not equals or not name:
            raise SettingsError(f"line {number}: expected name = value")
        if name in found:
            raise SettingsError(f"line {number}: {name} is set twice")
        found[name] = value
    return found
