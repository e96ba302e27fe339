import unittest

from units import cli, recipe, rounding


class UnitsTest(unittest.TestCase):
    def test_convert(self):
        self.assertEqual(cli.run(["convert", "5", "km", "m"]), "5000 m")
        self.assertEqual(cli.run(["convert", "1", "lb", "kg"]), "0.453592 kg")

    def test_all(self):
        self.assertEqual(cli.run(["all", "2", "kg"]), "2000 g\n2 kg\n4.409245 lb")

    def test_recipe(self):
        lines = ["2 cup milk", "1 lb flour", "3 eggs", "some salt"]
        self.assertEqual(
            recipe.in_units(lines, {"volume": "ml"}),
            ["473.2 ml milk", "1 lb flour", "3 eggs", "some salt"],
        )

    def test_rounding(self):
        self.assertEqual([rounding.plain(n, 2) for n in (1.5, -0.001, 100)], ["1.5", "0", "100"])
