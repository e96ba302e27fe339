"""Sets of whole numbers that are kept as spans."""


class SpanSet:
    """Keeps every number by itself and makes spans of them when asked."""

    def __init__(self, spans=()):
        self._numbers = set()
        for start, end in spans:
            self.add(start, end)

    @staticmethod
    def _range(start, end):
        if end < start:
            raise ValueError("the start is above the end")
        return range(start, end)

    @staticmethod
    def _join(numbers):
        spans = []
        for number in sorted(numbers):
            if spans and spans[-1][1] == number:
                spans[-1] = (spans[-1][0], number + 1)
            else:
                spans.append((number, number + 1))
        return spans

    def __iter__(self):
        yield from self._join(self._numbers)

    def __len__(self):
        return len(self._join(self._numbers))

    def __contains__(self, number):
        return number in self._numbers

    def __eq__(self, other):
        if not isinstance(other, SpanSet):
            return NotImplemented
        return self._numbers == other._numbers

    __hash__ = None

    def total(self):
        return len(self._numbers)

    def add(self, start, end):
        self._numbers |= set(self._range(start, end))

    def remove(self, start, end):
        self._numbers -= set(self._range(start, end))

    def overlaps(self, start, end):
        return not self._numbers.isdisjoint(self._range(start, end))

    def gaps(self, start, end):
        return self._join(n for n in self._range(start, end) if n not in self._numbers)

    def first_fit(self, length, start=0):
        if length <= 0:
            raise ValueError("no length")
        while self.overlaps(start, start + length):
            start += 1
        return start

    def copy(self):
        twin = SpanSet()
        twin._numbers = set(self._numbers)
        return twin
