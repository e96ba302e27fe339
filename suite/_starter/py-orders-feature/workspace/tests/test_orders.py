import unittest

from orders import cli, storage
from orders.book import Book, StateError


class BookTest(unittest.TestCase):
    def setUp(self):
        self.book = Book()
        self.book.new("smith", [("nut", 3, 10), ("bolt", 2, 150)])
        self.book.new("jones", [("nut", 1, 10)])

    def test_totals(self):
        self.book.pay(1)
        self.assertEqual((self.book.open_total(), self.book.paid_total()), (10, 330))

    def test_errors(self):
        self.book.pay(1)
        with self.assertRaises(StateError):
            self.book.pay(1)
        with self.assertRaises(KeyError):
            self.book.pay(3)
        with self.assertRaises(ValueError):
            self.book.new("smith", [])

    def test_storage(self):
        self.book.pay(2)
        again = storage.loads(storage.dumps(self.book))
        self.assertEqual(again.orders(), self.book.orders())

    def test_bad_text(self):
        for text in ["{", "[]", '{"version": 99, "orders": []}', '{"version": 1}']:
            with self.subTest(text=text), self.assertRaises(storage.FormatError):
                storage.loads(text)


class CliTest(unittest.TestCase):
    def run_all(self, *commands):
        stored, printed = "", []
        for command in commands:
            stored, lines = cli.run(command.split(), stored)
            printed += lines
        return printed

    def test_commands(self):
        got = self.run_all("new smith nut 3 0.10", "new jones bolt 1 2", "pay 2", "list", "totals")
        self.assertEqual(
            got,
            [
                "order 1: 0.30",
                "order 2: 2.00",
                "order 2 paid",
                "1 smith 0.30 open",
                "2 jones 2.00 paid",
                "open 0.30",
                "paid 2.00",
            ],
        )

    def test_errors(self):
        self.assertEqual(self.run_all("pay 7"), ["error: no order 7"])
        self.assertEqual(self.run_all("dance"), ["error: unknown command dance"])

    def test_help(self):
        self.assertIn("# Commands", self.run_all("help"))
