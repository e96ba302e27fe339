import unittest

from rows import render


class RenderTest(unittest.TestCase):
    def test_columns(self):
        records = [{"name": "nut", "price": 3}, {"name": "washer", "price": None}]
        self.assertEqual(
            render.render(records, ["name", "price"]), "name    price\nnut     3\nwasher  -"
        )
