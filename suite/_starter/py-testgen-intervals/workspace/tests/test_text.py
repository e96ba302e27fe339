import unittest

from spans import text


class TextTest(unittest.TestCase):
    def test_there_and_back(self):
        self.assertEqual(text.show(text.parse("9, 3-5")), "3-5,9")
        self.assertEqual(text.show(text.parse("")), "")

    def test_errors(self):
        with self.assertRaises(ValueError):
            text.parse("three")
