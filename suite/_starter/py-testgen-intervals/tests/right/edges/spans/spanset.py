"""Sets of whole numbers that are kept as spans."""

from bisect import bisect_left, bisect_right


class SpanSet:
    """Keeps one sorted list of edges: a number is inside after an odd count of them."""

    __slots__ = ("_edges",)
    __hash__ = None

    def __init__(self, spans=()):
        self._edges = []
        for span in spans:
            self.add(*span)

    def _set(self, start, end, inside):
        if not start <= end:
            raise ValueError(f"{start} > {end}")
        if start < end:
            low, high = bisect_left(self._edges, start), bisect_right(self._edges, end)
            new = [start] if low % 2 != inside else []
            new += [end] if high % 2 != inside else []
            self._edges[low:high] = new

    def add(self, start, end):
        self._set(start, end, 1)

    def remove(self, start, end):
        self._set(start, end, 0)

    def __iter__(self):
        return iter(tuple(zip(self._edges[::2], self._edges[1::2])))

    def __len__(self):
        return len(self._edges) // 2

    def __contains__(self, number):
        return bisect_right(self._edges, number) % 2 == 1

    def __eq__(self, other):
        return type(other) is type(self) and self._edges == other._edges

    def total(self):
        return sum(self._edges[1::2]) - sum(self._edges[::2])

    def overlaps(self, start, end):
        return SpanSet([(start, end)]).total() > sum(b - a for a, b in self.gaps(start, end))

    def gaps(self, start, end):
        free = SpanSet([(start, end)])
        for a, b in self:
            free.remove(a, b)
        return list(free)

    def first_fit(self, length, start=0):
        if length < 1:
            raise ValueError(length)
        far = max([start, *self._edges]) + length
        return next(a for a, b in self.gaps(start, far) if b - a >= length)

    def copy(self):
        return SpanSet(self)
