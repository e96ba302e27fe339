import unittest

from spans.spanset import SpanSet


class SpanSetTest(unittest.TestCase):
    def setUp(self):
        self.spans = SpanSet([(30, 40), (10, 20)])

    def test_spans(self):
        self.assertEqual(list(self.spans), [(10, 20), (30, 40)])
        self.assertEqual(len(self.spans), 2)
        self.assertEqual(self.spans.total(), 20)

    def test_add(self):
        self.spans.add(15, 35)
        self.assertEqual(list(self.spans), [(10, 40)])

    def test_remove(self):
        self.spans.remove(12, 15)
        self.assertEqual(list(self.spans), [(10, 12), (15, 20), (30, 40)])

    def test_contains(self):
        self.assertIn(15, self.spans)
        self.assertNotIn(25, self.spans)

    def test_gaps(self):
        self.assertEqual(self.spans.gaps(0, 50), [(0, 10), (20, 30), (40, 50)])

    def test_first_fit(self):
        self.assertEqual(self.spans.first_fit(5), 0)

    def test_copy(self):
        twin = self.spans.copy()
        twin.add(50, 60)
        self.assertEqual(len(self.spans), 2)

    def test_error(self):
        with self.assertRaises(ValueError):
            self.spans.add(2, 1)
