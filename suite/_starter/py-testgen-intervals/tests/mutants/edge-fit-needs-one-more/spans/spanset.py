"""Sets of whole numbers that are kept as spans."""


class SpanSet:
    """A set of whole numbers, negative ones too, as sorted spans (start, end).

    A span holds the numbers from start up to, but without, end. Spans of a set neither overlap
    nor touch: what does is made one span. A span with start == end is empty; to add or remove
    one changes nothing. Wherever a start and an end are given, ValueError is raised if start is
    above end, and the set stays as it was.
    """

    def __init__(self, spans=()):
        """Make a set of the numbers in the given (start, end) pairs, which come in any order."""
        self._spans = []
        for start, end in spans:
            self.add(start, end)

    def __iter__(self):
        """Go through the spans as (start, end) tuples, smallest first."""
        return iter(list(self._spans))

    def __len__(self):
        """Return the number of spans."""
        return len(self._spans)

    def __contains__(self, number):
        """Return whether the number is in the set."""
        return any(start <= number < end for start, end in self._spans)

    def __eq__(self, other):
        """Return whether both sets hold the same numbers."""
        return isinstance(other, SpanSet) and self._spans == other._spans

    __hash__ = None

    def total(self):
        """Return how many numbers the set holds."""
        return sum(end - start for start, end in self._spans)

    def add(self, start, end):
        """Add the numbers of a span."""
        _check(start, end)
        if start == end:
            return
        kept = []
        for a, b in self._spans:
            if b < start or end < a:
                kept.append((a, b))
            else:
                start, end = min(start, a), max(end, b)
        self._spans = sorted(kept + [(start, end)])

    def remove(self, start, end):
        """Remove the numbers of a span; those that are not there do not matter."""
        _check(start, end)
        if start == end:
            return
        kept = []
        for a, b in self._spans:
            if a < start:
                kept.append((a, min(b, start)))
            if end < b:
                kept.append((max(a, end), b))
        self._spans = kept

    def overlaps(self, start, end):
        """Return whether the set holds any number of a span."""
        _check(start, end)
        return any(max(a, start) < min(b, end) for a, b in self._spans)

    def gaps(self, start, end):
        """Return the spans from start to end that hold no number of the set, smallest first."""
        _check(start, end)
        found = []
        for a, b in self._spans:
            if start < min(a, end):
                found.append((start, min(a, end)))
            start = max(start, b)
        if start < end:
            found.append((start, end))
        return found

    def first_fit(self, length, start=0):
        """Return the smallest number n >= start so that n to n + length is free.

        Raises ValueError if length is below 1.
        """
        if length < 1:
            raise ValueError(f"length {length}: expected at least 1")
        for a, b in self._spans:
            if start + length < a:
                break
            start = max(start, b)
        return start

    def copy(self):
        """Return a set of the same numbers that changes apart from this one."""
        twin = SpanSet()
        twin._spans = list(self._spans)
        return twin


def _check(start, end):
    if start > end:
        raise ValueError(f"span from {start} to {end}: the start is above the end")
