"""Layers of settings."""

from settings.errors import MissingError
from settings.expand import expand


class Layers:
    """Dicts of settings, the last one counting most. References cross layers."""

    def __init__(self, layers=()):
        self._layers = [dict(layer) for layer in layers]

    def push(self, layer):
        """Put a layer over the others."""
        self._layers.append(dict(layer))

    def pop(self):
        """Take the uppermost layer away."""
        self._layers.pop()

    def raw(self, name):
        """Return the text of a setting as it was written, None if it is not set."""
        for layer in reversed(self._layers):
            if name in layer:
                return layer[name]
        return None

    def get(self, name):
        """Return the value of a setting with its references replaced.

        Raises MissingError if it is not set, and as expand does.
        """
        text = self.raw(name)
        if text is None:
            raise MissingError(name)
        return expand(text, self.raw, (name,))

    def fill(self, text):
        """Return text with its references replaced. Raises as expand does."""
        return expand(text, self.raw)
