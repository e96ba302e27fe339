import unittest

from settings import source
from settings.errors import MissingError, SettingsError
from settings.layers import Layers


class SourceTest(unittest.TestCase):
    def test_parse(self):
        text = "# machine\n\nroot = /srv\ndata=${root}/data\nempty =\n"
        expected = {"root": "/srv", "data": "${root}/data", "empty": ""}
        self.assertEqual(source.parse(text), expected)

    def test_errors(self):
        for text in ["root", "= 1", "a = 1\na = 2"]:
            with self.subTest(text=text), self.assertRaises(SettingsError):
                source.parse(text)


class LayersTest(unittest.TestCase):
    def test_the_last_layer_counts(self):
        layers = Layers([{"a": "1", "b": "2"}, {"a": "3"}])
        self.assertEqual((layers.raw("a"), layers.raw("b"), layers.raw("c")), ("3", "2", None))

    def test_missing(self):
        with self.assertRaises(MissingError):
            Layers().get("a")
