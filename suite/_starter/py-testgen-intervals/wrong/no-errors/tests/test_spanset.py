import random
import unittest

from spans.spanset import SpanSet


class SpanSetTest(unittest.TestCase):
    def setUp(self):
        self.spans = SpanSet([(10, 20), (30, 40), (-5, 0)])

    def check(self, spans, *expected):
        self.assertEqual(list(spans), list(expected))
        self.assertEqual(len(spans), len(expected))
        self.assertEqual(spans.total(), sum(end - start for start, end in expected))

    def test_empty(self):
        self.check(SpanSet())
        self.assertNotIn(0, SpanSet())
        self.assertEqual(SpanSet().gaps(3, 5), [(3, 5)])
        self.assertFalse(SpanSet().overlaps(0, 100))

    def test_spans_are_sorted(self):
        self.check(self.spans, (-5, 0), (10, 20), (30, 40))

    def test_add_apart(self):
        self.spans.add(22, 25)
        self.check(self.spans, (-5, 0), (10, 20), (22, 25), (30, 40))

    def test_add_merges(self):
        cases = [
            ((15, 25), [(-5, 0), (10, 25), (30, 40)]),
            ((5, 15), [(-5, 0), (5, 20), (30, 40)]),
            ((12, 14), [(-5, 0), (10, 20), (30, 40)]),
            ((8, 22), [(-5, 0), (8, 22), (30, 40)]),
            ((20, 22), [(-5, 0), (10, 22), (30, 40)]),
            ((8, 10), [(-5, 0), (8, 20), (30, 40)]),
            ((20, 30), [(-5, 0), (10, 40)]),
            ((15, 35), [(-5, 0), (10, 40)]),
            ((-10, 50), [(-10, 50)]),
            ((21, 29), [(-5, 0), (10, 20), (21, 29), (30, 40)]),
            ((0, 10), [(-5, 20), (30, 40)]),
        ]
        for (start, end), expected in cases:
            with self.subTest(start=start, end=end):
                spans = self.spans.copy()
                spans.add(start, end)
                self.check(spans, *expected)

    def test_empty_span_changes_nothing(self):
        for point in (-7, -5, 0, 5, 10, 15, 20, 50):
            self.spans.add(point, point)
            self.spans.remove(point, point)
        self.check(self.spans, (-5, 0), (10, 20), (30, 40))

    def test_remove(self):
        cases = [
            ((13, 15), [(-5, 0), (10, 13), (15, 20), (30, 40)]),
            ((10, 20), [(-5, 0), (30, 40)]),
            ((5, 25), [(-5, 0), (30, 40)]),
            ((10, 12), [(-5, 0), (12, 20), (30, 40)]),
            ((18, 20), [(-5, 0), (10, 18), (30, 40)]),
            ((15, 35), [(-5, 0), (10, 15), (35, 40)]),
            ((20, 30), [(-5, 0), (10, 20), (30, 40)]),
            ((-9, 99), []),
            ((19, 20), [(-5, 0), (10, 19), (30, 40)]),
        ]
        for (start, end), expected in cases:
            with self.subTest(start=start, end=end):
                spans = self.spans.copy()
                spans.remove(start, end)
                self.check(spans, *expected)

    def test_contains(self):
        for number in (-5, -1, 10, 19, 30, 39):
            self.assertIn(number, self.spans)
        for number in (-6, 0, 9, 20, 29, 40):
            self.assertNotIn(number, self.spans)

    def test_overlaps(self):
        for start, end, expected in [
            (0, 10, False), (0, 11, True), (20, 30, False), (19, 30, True), (12, 13, True),
            (5, 50, True), (15, 15, False), (-9, -5, False), (40, 41, False),
        ]:
            self.assertEqual(self.spans.overlaps(start, end), expected, (start, end))

    def test_gaps(self):
        for start, end, expected in [
            (0, 50, [(0, 10), (20, 30), (40, 50)]), (10, 40, [(20, 30)]), (12, 18, []),
            (-9, 5, [(-9, -5), (0, 5)]), (25, 27, [(25, 27)]), (15, 25, [(20, 25)]),
            (25, 35, [(25, 30)]), (5, 5, []), (50, 60, [(50, 60)]), (20, 30, [(20, 30)]),
        ]:
            self.assertEqual(self.spans.gaps(start, end), expected, (start, end))

    def test_first_fit(self):
        for length, start, expected in [
            (1, 0, 0), (10, 0, 0), (11, 0, 40), (10, 1, 20), (10, 15, 20), (11, 20, 40),
            (3, 27, 27), (4, 27, 40), (5, -9, 0), (4, -9, -9), (1, 35, 40), (2, 90, 90), (1, -5, 0),
        ]:
            self.assertEqual(self.spans.first_fit(length, start), expected, (length, start))
        self.assertEqual(self.spans.first_fit(11), 40)
        self.assertEqual(self.spans.first_fit(10), 0)

    def test_copy_and_equality(self):
        twin = self.spans.copy()
        self.assertEqual(twin, self.spans)
        twin.remove(10, 12)
        self.check(self.spans, (-5, 0), (10, 20), (30, 40))
        self.assertNotEqual(twin, self.spans)
        self.spans.add(50, 60)
        self.check(twin, (-5, 0), (12, 20), (30, 40))
        self.assertEqual(SpanSet([(1, 2), (2, 3)]), SpanSet([(1, 3)]))
        self.assertNotEqual(SpanSet(), [])

    def test_queries_change_nothing(self):
        self.spans.gaps(0, 50)
        self.spans.first_fit(11)
        self.spans.overlaps(0, 50)
        self.check(self.spans, (-5, 0), (10, 20), (30, 40))

    def test_against_a_plain_set(self):
        rng = random.Random(1)
        spans, plain = SpanSet(), set()
        for _ in range(400):
            start = rng.randint(-12, 12)
            end = start + rng.randint(0, 6)
            if rng.random() < 0.55:
                spans.add(start, end)
                plain.update(range(start, end))
            else:
                spans.remove(start, end)
                plain.difference_update(range(start, end))
            held = [number for a, b in spans for number in range(a, b)]
            self.assertEqual(held, sorted(plain))
            self.assertEqual(spans.total(), len(plain))
            for number in range(-14, 20):
                self.assertEqual(number in spans, number in plain)
            self.assertTrue(all(b < c for (_, b), (c, _) in zip(list(spans), list(spans)[1:])))
