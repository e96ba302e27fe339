import unittest

from rows import spec, values


class SpecTest(unittest.TestCase):
    def test_keys(self):
        keys = spec.parse("-price?first, name")
        self.assertEqual(keys, [spec.Key("price", True, True), spec.Key("name", False, False)])

    def test_errors(self):
        for text in ["", "a,,b", "-", "a,-a", "a?middle"]:
            with self.subTest(text=text), self.assertRaises(ValueError):
                spec.parse(text)


class FamilyTest(unittest.TestCase):
    def test_family(self):
        got = [values.family(value) for value in (None, 1, 1.5, True, "a")]
        self.assertEqual(got, ["none", "number", "number", "number", "text"])
        with self.assertRaises(values.MixedTypes):
            values.family([])
