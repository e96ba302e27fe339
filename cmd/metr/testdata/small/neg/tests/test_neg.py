import unittest

from metr import subject

calc = subject.load("calc")


class Neg(unittest.TestCase):
    def test_typical_sign(self):
        self.assertEqual(calc.neg(3), -3)

    def test_edge_text(self):
        with self.assertRaises(TypeError):
            calc.neg("3")
