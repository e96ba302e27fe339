import json
import unittest

from metr import subject


class Case(unittest.TestCase):
    def setUp(self):
        self.converter = subject.load("units.converter")
        self.cli = subject.load("units.cli")
        self.recipe = subject.load("units.recipe")
        self.table = self.converter.default_table()


class Converter(Case):
    def test_typical_convert_value(self):
        convert = self.converter.convert_value
        self.assertEqual(convert(self.table, 5, "km", "m"), 5000.0)
        self.assertEqual(convert(self.table, 1, from_unit="in", to_unit="cm"), 2.54)
        self.assertEqual(convert(self.table, 1, "lb", "kg", num_digits=2), 0.45)
        self.assertEqual(convert(table=self.table, amount=1, from_unit="g", to_unit="kg"), 0.001)

    def test_typical_convert_all(self):
        got = self.converter.convert_all(self.table, 3, from_unit="l", num_digits=1)
        self.assertEqual([tuple(pair) for pair in got], [("cup", 12.7), ("l", 3.0), ("ml", 3000.0)])

    def test_typical_table(self):
        self.assertEqual(self.table.unit_names(unit_kind="mass"), ["g", "kg", "lb"])
        self.assertEqual(len(self.table.unit_names()), 10)
        entry = self.table.find_unit("km")
        self.assertEqual(
            (entry.unit_name, entry.unit_kind, entry.base_factor), ("km", "length", 1000.0)
        )
        self.assertEqual(self.table.ratio_of(from_unit="km", to_unit="cm"), 100000.0)
        self.assertEqual(self.converter.MAX_DIGITS, 6)
        self.assertEqual(tuple(self.converter.STANDARD_UNITS[0]), ("m", "length", 1.0))

    def test_typical_parse_quantity(self):
        self.assertEqual(tuple(self.converter.parse_quantity(" 2.5  kg ")), (2.5, "kg"))

    def test_typical_recipe(self):
        got = self.recipe.in_units(
            ["2 cup milk", "1 lb flour", "1 pinch salt", "x g y"], {"volume": "ml", "mass": "g"}
        )
        self.assertEqual(got, ["473.2 ml milk", "453.6 g flour", "1 pinch salt", "x g y"])

    def test_typical_command_line(self):
        self.assertEqual(self.cli.run(["convert", "1", "cup", "ml"]), "236.588 ml")
        self.assertEqual(self.cli.run(["all", "1", "ml"]), "0.004227 cup\n0.001 l\n1 ml")

    def test_state_exports_of_the_command_line(self):
        self.assertEqual(self.cli.run(["table"]), self.converter.table_text(self.table))
        self.assertEqual(self.cli.run(["json"]), self.converter.save_table(self.table))

    def test_state_changed_unit_counts(self):
        self.assertEqual(self.converter.convert_value(self.table, 1, "cup", "ml"), 236.588)
        self.table.add_unit("cup", "volume", 250.0)
        self.assertEqual(self.converter.convert_value(self.table, 1, "cup", "ml"), 250.0)
        self.table.add_unit(unit_name="cup", unit_kind="trophy", base_factor=1)
        with self.assertRaises(self.converter.KindMismatch):
            self.converter.convert_value(self.table, 1, "cup", "ml")
        fresh = self.converter.default_table()
        self.assertEqual(self.converter.convert_value(fresh, 1, "cup", "ml"), 236.588)

    def test_edge_table_text_has_tabs(self):
        table = self.converter.UnitTable()
        table.add_unit("km", "length", 1000.0)
        table.add_unit("a b", "area", 2)
        self.assertEqual(self.converter.table_text(table), "a b\tarea\t2\nkm\tlength\t1000.0")
        self.assertEqual(self.converter.table_text(self.converter.UnitTable()), "")

    def test_edge_stored_text_is_as_before(self):
        table = self.converter.UnitTable()
        table.add_unit("km", "length", 1000.0)
        stored = '[{"unitName": "km", "unitKind": "length", "baseFactor": 1000.0}]'
        self.assertEqual(self.converter.save_table(table), stored)
        self.assertEqual(
            table.find_unit("km").as_dict(),
            {"unitName": "km", "unitKind": "length", "baseFactor": 1000.0},
        )

    def test_edge_stored_text_is_read(self):
        stored = [{"unitName": "u", "unitKind": "k", "baseFactor": 3}]
        table = self.converter.load_table(json.dumps(stored))
        self.assertEqual(table.find_unit("u").base_factor, 3)
        self.assertEqual(json.loads(self.converter.save_table(table)), stored)

    def test_error_classes(self):
        with self.assertRaises(self.converter.UnknownUnit):
            self.table.find_unit("parsec")
        with self.assertRaises(KeyError):
            self.converter.convert_value(self.table, 1, "km", "parsec")
        with self.assertRaises(self.converter.KindMismatch):
            self.converter.convert_value(self.table, 1, "km", "kg")
        with self.assertRaises(ValueError):
            self.table.ratio_of("kg", "l")

    def test_error_values(self):
        for factor in (0, -1):
            with self.assertRaises(ValueError):
                self.table.add_unit("u", "k", factor)
        for text in ("", "5", "km 5 x", "5km"):
            with self.subTest(text=text), self.assertRaises(ValueError):
                self.converter.parse_quantity(text)
        with self.assertRaises(ValueError):
            self.cli.run(["dance"])


if __name__ == "__main__":
    unittest.main()
