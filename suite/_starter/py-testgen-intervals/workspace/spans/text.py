"""Spans as text, with both ends included: 3-5,9 is the numbers 3, 4, 5 and 9."""

from spans.spanset import SpanSet


def parse(text):
    """Read text such as "3-5,9" into a SpanSet. Raises ValueError for anything else."""
    found = SpanSet()
    for part in filter(None, (part.strip() for part in text.split(","))):
        first, _, last = part.partition("-")
        found.add(int(first), int(last or first) + 1)
    return found


def show(spans):
    """Print a SpanSet as parse reads it."""
    return ",".join(f"{a}" if b == a + 1 else f"{a}-{b - 1}" for a, b in spans)
