import itertools
import unittest

from metr import subject

ORDERS = ["a", "-a", "a?first", "-a?first", "a,b", "-a,b", "a,-b", "-a?first,-b?first"]


def before(a, b, order):
    """Whether a must stand before b: the definition, field by field."""
    for part in order.split(","):
        name, _, ending = part.partition("?")
        down, name = name.startswith("-"), name.lstrip("-")
        x, y = a.get(name), b.get(name)
        if x == y:
            continue
        if x is None or y is None:
            return (x is None) == (ending == "first")
        return (x > y) if down else (x < y)
    return False


def table(rows):
    return [dict(zip(("id", "a", "b"), (i, *row))) for i, row in enumerate(rows)]


class Case(unittest.TestCase):
    def setUp(self):
        self.sorting = subject.load("rows.sorting")
        self.values = subject.load("rows.values")

    def check(self, records, order):
        """Permutation, order and stability of one result."""
        got = self.sorting.sort_records(records, order)
        self.assertIsInstance(got, list)
        ids = [record["id"] for record in got]
        self.assertEqual(sorted(ids), [record["id"] for record in records], f"{order}: {got}")
        self.assertEqual(sorted(map(repr, got)), sorted(map(repr, records)))
        for x, y in zip(got, got[1:]):
            self.assertFalse(before(y, x, order), f"{order}: {x} before {y}")
            if not before(x, y, order):
                self.assertLess(x["id"], y["id"], f"{order}: equal records changed places: {got}")


class SortRecords(Case):
    def ids(self, records, order):
        return [record["id"] for record in self.sorting.sort_records(records, order)]

    def test_typical_two_fields(self):
        goods = [
            {"id": 1, "kind": "nut", "price": 30},
            {"id": 2, "kind": "bolt", "price": 20},
            {"id": 3, "kind": "nut", "price": 10},
            {"id": 4, "kind": "bolt", "price": 40},
        ]
        self.assertEqual(self.ids(goods, "kind,price"), [2, 4, 3, 1])
        self.assertEqual(self.ids(goods, "kind,-price"), [4, 2, 1, 3])
        self.assertEqual(self.ids(goods, "-price,kind"), [4, 1, 2, 3])

    def test_typical_returns_whole_records(self):
        goods = [{"id": 1, "a": 2, "note": "x"}, {"id": 2, "a": 1, "note": None}]
        self.assertEqual(self.sorting.sort_records(goods, "a"), [goods[1], goods[0]])

    def test_typical_text_by_code_point(self):
        words = ["b", "a", "B", "é", "z", "Z"]
        records = [{"id": word, "a": word} for word in words]
        self.assertEqual(self.ids(records, "a"), ["B", "Z", "a", "b", "z", "é"])

    def test_edge_every_small_table_one_field(self):
        for length in range(5):
            for column in itertools.product((0, 1, None), repeat=length):
                records = table((value, 0) for value in column)
                for order in ORDERS[:4]:
                    self.check(records, order)

    def test_edge_every_small_table_two_fields(self):
        pairs = list(itertools.product((0, 1, None), (0, None)))
        for length in range(4):
            for rows in itertools.product(pairs, repeat=length):
                records = table(rows)
                for order in ORDERS[4:]:
                    self.check(records, order)

    def test_edge_long_table_with_many_equals(self):
        for order in ORDERS:
            self.check(table(((i * 7) % 5, (i * 3) % 4 or None) for i in range(300)), order)

    def test_edge_field_missing_counts_as_none(self):
        records = [{"id": 1}, {"id": 2, "a": 5}, {"id": 3, "a": None}, {"id": 4, "a": 3}]
        self.assertEqual(self.ids(records, "a"), [4, 2, 1, 3])
        self.assertEqual(self.ids(records, "a?first"), [1, 3, 4, 2])
        self.assertEqual(self.sorting.sort_records(records, "a?first")[0], {"id": 1})

    def test_edge_numbers_of_all_kinds(self):
        column = [2, True, -0.5, 0, 1, False, 10**20, -(10**20), 1.5, float("inf")]
        records = [{"id": i, "a": value} for i, value in enumerate(column)]
        self.assertEqual(self.ids(records, "a"), [7, 2, 3, 5, 1, 4, 8, 0, 6, 9])
        self.assertEqual(self.ids(records, "-a"), [9, 6, 0, 8, 1, 4, 3, 5, 2, 7])

    def test_edge_empty_text_is_a_value(self):
        records = [{"id": 1, "a": "x"}, {"id": 2, "a": ""}, {"id": 3, "a": None}]
        self.assertEqual(self.ids(records, "a"), [2, 1, 3])
        self.assertEqual(self.ids(records, "-a"), [1, 2, 3])

    def test_edge_input_is_left_alone_and_may_be_a_generator(self):
        records = table([(2, 0), (1, 0), (3, 0)])
        given = [dict(record) for record in records]
        self.sorting.sort_records(given, "a")
        self.assertEqual(given, records)
        got = self.sorting.sort_records((record for record in records), "-a")
        self.assertEqual([record["id"] for record in got], [2, 0, 1])

    def test_error_mixed_types(self):
        mixed = [
            [{"id": 1, "a": 1, "b": "x"}, {"id": 2, "a": 2, "b": 3}],
            [{"id": 1, "b": "x"}, {"id": 2, "b": None}, {"id": 3, "b": True}],
            [{"id": 1, "a": 1, "b": [1]}],
        ]
        for records in mixed:
            with self.subTest(records=records):
                with self.assertRaises(self.values.MixedTypes):
                    self.sorting.sort_records(records, "a,b")
                self.assertEqual(len(self.sorting.sort_records(records, "id")), len(records))

    def test_error_bad_order(self):
        for order in ["", "a,", "a,a", "a?up"]:
            with self.subTest(order=order), self.assertRaises(ValueError):
                self.sorting.sort_records([{"id": 1, "a": 1}], order)


class Table(Case):
    def ids(self, held):
        return [record["id"] for record in held.rows()]

    def test_typical_table(self):
        held = self.sorting.OrderedTable("a")
        self.assertEqual((len(held), held.rows()), (0, []))
        for i, value in enumerate((3, 1, 2)):
            held.insert({"id": i, "a": value})
        self.assertEqual((len(held), self.ids(held)), (3, [1, 2, 0]))
        self.assertEqual(held.remove(2), {"id": 2, "a": 2})
        self.assertEqual((len(held), self.ids(held)), (2, [1, 0]))

    def test_state_insert_goes_after_its_equals(self):
        for order in ("a", "a?first", "a,b"):
            held = self.sorting.OrderedTable(order)
            for i, value in enumerate((1, None, 1, 0, None, 1, 0)):
                held.insert({"id": i, "a": value, "b": 0})
            want = [3, 6, 0, 2, 5]
            want = [1, 4] + want if "?first" in order else want + [1, 4]
            self.assertEqual(self.ids(held), want, order)

    def test_state_long_life(self):
        held = self.sorting.OrderedTable("a,b")
        model, seed = [], 7
        order = "a,b"
        for step in range(250):
            seed = (seed * 1103515245 + 12345) % 2**31
            pick = seed >> 8
            if pick % 4 == 3 and model:
                gone = model.pop(pick % len(model))
                self.assertEqual(held.remove(gone["id"]), gone)
            elif pick % 23 == 5:
                order = ["a,b", "b,a", "b", "a"][pick % 4]
                held.reorder(order)
                model = self.settle(model, order)
            else:
                record = {"id": step, "a": (pick >> 3) % 3, "b": (pick >> 9) % 3}
                held.insert(record)
                model = self.settle(model + [record], order)
            self.assertEqual(held.rows(), model, f"step {step}, order {order}")
            self.assertEqual(len(held), len(model))

    def settle(self, records, order):
        """Insertion sort by the definition."""
        result = []
        for record in records:
            place = len(result)
            while place and before(record, result[place - 1], order):
                place -= 1
            result.insert(place, record)
        return result

    def test_state_reorder_keeps_the_sequence_of_equals(self):
        held = self.sorting.OrderedTable("a")
        for i, (a, b) in enumerate([(3, 1), (2, 2), (1, 1), (2, 1)]):
            held.insert({"id": i, "a": a, "b": b})
        held.reorder("b")
        self.assertEqual(self.ids(held), [2, 3, 0, 1])

    def test_state_tables_are_apart(self):
        one, two = self.sorting.OrderedTable("a"), self.sorting.OrderedTable("a")
        one.insert({"id": 1, "a": 1})
        self.assertEqual((len(one), len(two)), (1, 0))

    def test_error_insert_changes_nothing(self):
        held = self.sorting.OrderedTable("a")
        held.insert({"id": 1, "a": 1})
        held.insert({"id": 2, "a": None})
        with self.assertRaises(KeyError):
            held.insert({"id": 1, "a": 5})
        with self.assertRaises(self.values.MixedTypes):
            held.insert({"id": 3, "a": "x"})
        with self.assertRaises(KeyError):
            held.remove(3)
        self.assertEqual((len(held), self.ids(held)), (2, [1, 2]))
        held.remove(1)
        held.insert({"id": 3, "a": "x"})
        self.assertEqual(self.ids(held), [3, 2])

    def test_error_reorder_changes_nothing(self):
        held = self.sorting.OrderedTable("a")
        held.insert({"id": 1, "a": 2, "b": "x"})
        held.insert({"id": 2, "a": 3, "b": 9})
        with self.assertRaises(self.values.MixedTypes):
            held.reorder("b")
        with self.assertRaises(ValueError):
            held.reorder("a?up")
        self.assertEqual(self.ids(held), [1, 2])
        held.insert({"id": 3, "a": 1, "b": 0})
        self.assertEqual(self.ids(held), [3, 1, 2])

    def test_error_bad_order(self):
        with self.assertRaises(ValueError):
            self.sorting.OrderedTable("a,a")


if __name__ == "__main__":
    unittest.main()
