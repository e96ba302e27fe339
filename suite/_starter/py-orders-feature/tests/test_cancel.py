import json
import unittest

from metr import subject


class Case(unittest.TestCase):
    def setUp(self):
        self.books = subject.load("orders.book")
        self.storage = subject.load("orders.storage")
        self.cli = subject.load("orders.cli")
        self.book = self.books.Book()
        self.book.new("smith", [("nut", 3, 10), ("bolt", 2, 150)])
        self.book.new("jones", [("nut", 1, 10)])
        self.book.new("brown", [("gift", 1, 0)])

    def see(self, number):
        order = self.book.get(number)
        return order.status, order.reason, order.refund, order.paid

    def totals(self):
        return self.book.open_total(), self.book.paid_total(), self.book.refund_total()

    def run_all(self, *commands, stored=""):
        """Run commands one after the other; returns the stored text and all lines."""
        printed = []
        for command in commands:
            stored, lines = self.cli.run(command.split(" "), stored)
            printed += lines
        return stored, printed


class Book(Case):
    def test_typical_statuses(self):
        self.assertEqual(self.see(1), ("open", "", 0, False))
        self.book.pay(1)
        self.assertEqual(self.see(1), ("paid", "", 0, True))
        self.book.cancel(2, "too late")
        self.assertEqual(self.see(2), ("cancelled", "too late", 0, False))

    def test_typical_cancelled_after_paying(self):
        self.book.pay(1)
        self.book.cancel(1, "broken")
        self.assertEqual(self.see(1), ("cancelled", "broken", 330, False))
        self.assertEqual(self.book.refund_total(), 330)

    def test_state_totals(self):
        self.book.pay(1)
        self.assertEqual(self.totals(), (10, 330, 0))
        self.book.cancel(2, "x")
        self.assertEqual(self.totals(), (0, 330, 0))
        self.book.cancel(1, "x")
        self.assertEqual(self.totals(), (0, 0, 330))
        self.book.new("smith", [("nut", 2, 10)])
        self.assertEqual(self.totals(), (20, 0, 330))

    def test_state_number_is_not_used_again(self):
        self.book.cancel(3, "x")
        self.assertEqual(self.book.new("smith", [("nut", 1, 1)]).id, 4)
        again = self.storage.loads(self.storage.dumps(self.book))
        self.assertEqual([order.id for order in again.orders()], [1, 2, 3, 4])
        self.assertEqual(again.new("smith", [("nut", 1, 1)]).id, 5)

    def test_edge_reason_is_trimmed(self):
        self.book.cancel(1, "  too  late\n")
        self.assertEqual(self.see(1)[1], "too  late")

    def test_edge_order_for_nothing(self):
        self.book.pay(3)
        self.book.cancel(3, "x")
        self.assertEqual(self.see(3), ("cancelled", "x", 0, False))

    def test_error_cancel(self):
        self.book.cancel(2, "once")
        self.book.pay(1)
        with self.assertRaises(KeyError):
            self.book.cancel(9, "x")
        with self.assertRaises(self.books.StateError):
            self.book.cancel(2, "twice")
        for reason in ("", "  ", "\n\t"):
            with self.subTest(reason=reason), self.assertRaises(ValueError):
                self.book.cancel(1, reason)
        self.assertEqual(self.see(1), ("paid", "", 0, True))
        self.assertEqual(self.see(2), ("cancelled", "once", 0, False))

    def test_error_pay_cancelled(self):
        self.book.pay(1)
        for number in (1, 2):
            self.book.cancel(number, "x")
            before = self.see(number)
            with self.assertRaises(self.books.StateError):
                self.book.pay(number)
            self.assertEqual(self.see(number), before)


class Storage(Case):
    OLD = {
        "version": 1,
        "orders": [
            {"id": 2, "customer": "smith", "lines": [["nut", 3, 10]], "paid": True},
            {"id": 5, "customer": "jones", "lines": [["nut", 1, 10]], "paid": False},
        ],
    }

    def test_typical_version_2(self):
        self.book.pay(1)
        self.book.cancel(1, "too late")
        stored = json.loads(self.storage.dumps(self.book))
        self.assertEqual(stored["version"], 2)
        self.assertEqual(
            stored["orders"][0],
            {
                "id": 1,
                "customer": "smith",
                "lines": [["nut", 3, 10], ["bolt", 2, 150]],
                "status": "cancelled",
                "reason": "too late",
                "refund": 330,
            },
        )
        self.assertEqual(stored["orders"][1]["status"], "open")
        self.assertEqual((stored["orders"][1]["reason"], stored["orders"][1]["refund"]), ("", 0))

    def test_state_there_and_back(self):
        self.book.pay(1)
        self.book.cancel(1, "Zoë's \"wish\"")
        self.book.pay(2)
        text = self.storage.dumps(self.book)
        self.book = self.storage.loads(text)
        self.assertEqual(self.see(1), ("cancelled", "Zoë's \"wish\"", 330, False))
        self.assertEqual(self.see(2), ("paid", "", 0, True))
        self.assertEqual(self.see(3), ("open", "", 0, False))
        self.assertEqual(json.loads(self.storage.dumps(self.book)), json.loads(text))

    def test_edge_version_1_is_read(self):
        self.book = self.storage.loads(json.dumps(self.OLD))
        self.assertEqual(self.see(2), ("paid", "", 0, True))
        self.assertEqual(self.see(5), ("open", "", 0, False))
        self.assertEqual(self.book.new("x", [("y", 1, 1)]).id, 6)
        again = json.loads(self.storage.dumps(self.book))
        self.assertEqual(again["version"], 2)
        self.assertEqual([order["status"] for order in again["orders"]], ["paid", "open", "open"])

    def test_edge_version_1_on_the_command_line(self):
        _, printed = self.run_all("cancel 2 x", "pay 5", "list", stored=json.dumps(self.OLD))
        self.assertEqual(
            printed,
            [
                "order 2 cancelled: x, refund 0.30",
                "order 5 paid",
                "2 smith 0.30 cancelled (x)",
                "5 jones 0.10 paid",
            ],
        )

    def test_error_format(self):
        order = {"id": 1, "customer": "a", "lines": [], "status": "lost", "reason": "", "refund": 0}
        for text in (
            json.dumps({"version": 2, "orders": [order]}),
            json.dumps({"version": 3, "orders": []}),
            json.dumps({"version": 0, "orders": []}),
            "{",
        ):
            with self.subTest(text=text), self.assertRaises(self.storage.FormatError):
                self.storage.loads(text)


class CommandLine(Case):
    def test_typical_session(self):
        _, printed = self.run_all(
            "new smith nut 3 0.10",
            "new jones bolt 1 2",
            "new brown nut 1 5",
            "pay 2",
            "cancel 1 too late",
            "cancel 2 broken",
            "list",
            "totals",
        )
        self.assertEqual(
            printed[4:],
            [
                "order 1 cancelled: too late",
                "order 2 cancelled: broken, refund 2.00",
                "1 smith 0.30 cancelled (too late)",
                "2 jones 2.00 cancelled (broken)",
                "3 brown 5.00 open",
                "open 5.00",
                "paid 0.00",
                "refunds 2.00",
            ],
        )

    def test_typical_list_by_status(self):
        made = ["new a n 1 1", "new b n 1 1", "new c n 1 1", "new d n 1 1", "pay 2", "cancel 3 x"]
        stored, _ = self.run_all(*made)
        self.assertEqual(
            self.cli.run(["list", "open"], stored)[1], ["1 a 1.00 open", "4 d 1.00 open"]
        )
        self.assertEqual(self.cli.run(["list", "paid"], stored)[1], ["2 b 1.00 paid"])
        self.assertEqual(self.cli.run(["list", "cancelled"], stored)[1], ["3 c 1.00 cancelled (x)"])

    def test_typical_no_refunds(self):
        self.assertEqual(
            self.run_all("new a n 1 1", "cancel 1 x", "totals")[1][2:], ["open 0.00", "paid 0.00"]
        )

    def test_typical_help(self):
        text = "\n".join(self.run_all("help")[1])
        for command in ("cancel ID REASON", "list [STATUS]", "new CUSTOMER", "pay ID", "totals"):
            self.assertIn(command, text)

    def test_error_lines(self):
        stored, _ = self.run_all("new a n 1 1", "new b n 1 1", "cancel 2 x")
        for command in (
            "cancel", "cancel 1", "cancel 9 x", "cancel 2 again", "cancel one x", "pay 2",
            "list lost", "list open paid",
        ):
            with self.subTest(command=command):
                after, printed = self.cli.run(command.split(), stored)
                self.assertEqual(after, stored)
                self.assertEqual(len(printed), 1)
                self.assertTrue(printed[0].startswith("error: "), printed)


if __name__ == "__main__":
    unittest.main()
