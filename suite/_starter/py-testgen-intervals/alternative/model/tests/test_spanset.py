import itertools
import unittest

from spans.spanset import SpanSet

LOW, HIGH = -3, 6


def joined(numbers):
    spans = []
    for number in sorted(numbers):
        if spans and spans[-1][1] == number:
            spans[-1] = (spans[-1][0], number + 1)
        else:
            spans.append((number, number + 1))
    return spans


class ModelTest(unittest.TestCase):
    """Every set over a few numbers, made in two steps, against Python's own set."""

    def setUp(self):
        self.windows = list(itertools.combinations_with_replacement(range(LOW, HIGH + 1), 2))

    def test_two_spans_then_a_change(self):
        for first, second in itertools.product(self.windows[::2], self.windows[1::3]):
            plain = set(range(*first)) | set(range(*second))
            spans = SpanSet([first, second])
            self.same(spans, plain)
            for change in self.windows[::4]:
                twin, model = spans.copy(), plain - set(range(*change))
                twin.total()
                twin.remove(*change)
                self.same(twin, model)
                twin.add(*change)
                self.same(twin, model | set(range(*change)))
            self.same(spans, plain)

    def same(self, spans, plain):
        self.assertEqual(list(spans), joined(plain))
        self.assertEqual(len(spans), len(joined(plain)))
        self.assertEqual(spans.total(), len(plain))
        self.assertEqual(spans, SpanSet(joined(plain)))

    def test_queries(self):
        for first, second in itertools.product(self.windows[::3], self.windows[::2]):
            plain = set(range(*first)) | set(range(*second))
            spans = SpanSet([second, first])
            for number in range(LOW - 1, HIGH + 2):
                self.assertEqual(number in spans, number in plain)
            for window in self.windows:
                numbers = set(range(*window))
                self.assertEqual(spans.overlaps(*window), bool(numbers & plain))
                self.assertEqual(spans.gaps(*window), joined(numbers - plain))
            for length, start in itertools.product(range(1, 6), range(LOW - 3, HIGH + 1)):
                fit = next(
                    n for n in itertools.count(start) if not plain & set(range(n, n + length))
                )
                self.assertEqual(spans.first_fit(length, start), fit)
            self.same(spans, plain)

    def test_three_parts_become_one(self):
        spans = SpanSet([(0, 2), (4, 6), (8, 10)])
        spans.add(1, 9)
        self.assertEqual(list(spans), [(0, 10)])

    def test_errors(self):
        spans = SpanSet([(0, 9)])
        for call in (spans.add, spans.remove, spans.gaps, spans.overlaps):
            with self.assertRaises(ValueError):
                call(5, 4)
            self.assertEqual(list(spans), [(0, 9)])
        for length in (0, -3):
            with self.assertRaises(ValueError):
                spans.first_fit(length)
