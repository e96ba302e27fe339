import unittest

from metr import subject

calc = subject.load("calc")


class Add(unittest.TestCase):
    def test_typical_sum(self):
        self.assertEqual(calc.add(2, 3), 5)

    def test_edge_large(self):
        self.assertEqual(calc.add(2**70, -1), 2**70 - 1)
