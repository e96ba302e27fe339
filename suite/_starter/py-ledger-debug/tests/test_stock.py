import unittest

from metr import subject

DAY = """
receive bolt 10 2.00
receive nut 100 0.10
customer smith 100.00
customer jones 6.00
ship smith bolt 2 nut 10
ship smith nut 40 bolt 9
receive bolt 10 3.00
ship jones nut 10 bolt 3
ship smith bolt 10
list
check
"""


class Case(unittest.TestCase):
    def setUp(self):
        self.cli = subject.load("stock.cli")
        self.lots = subject.load("stock.lots")
        self.customers = subject.load("stock.customers")
        self.house = subject.load("stock.warehouse").Warehouse()
        self.house.customers.add("smith", 10000)
        self.house.customers.add("poor", 500)
        self.house.receive("bolt", 10, 200)
        self.house.receive("bolt", 10, 300)
        self.house.receive("nut", 100, 10)

    def trace(self):
        """All that can be seen of goods, books and debts."""
        house = self.house
        goods = [(item, house.on_hand(item), house.worth(item)) for item in house.items()]
        debts = [house.customers.debt(name) for name in ("smith", "poor")]
        return goods, [tuple(posting) for posting in house.ledger.postings()], debts

    def refuse(self, error, customer, lines):
        before = self.trace()
        with self.assertRaises(error):
            self.house.ship(customer, lines)
        self.assertEqual(self.trace(), before)


class Typical(Case):
    def test_typical_reported_day(self):
        self.assertEqual(
            self.cli.run(DAY),
            [
                "shipped, cost 5.00",
                "refused: 9 wanted, 8 there",
                "refused: jones would owe 1050, the limit is 600",
                "shipped, cost 22.00",
                "bolt: 8 pieces, 24.00",
                "nut: 90 pieces, 9.00",
                "books agree: 33.00",
            ],
        )

    def test_typical_quiet_day(self):
        got = self.cli.run("receive a 3 1.00\ncustomer c 9\nship c a 1\nquote c a 9\nlist\ncheck")
        self.assertEqual(
            got, ["shipped, cost 1.00", "quote: refused", "a: 2 pieces, 2.00", "books agree: 2.00"]
        )

    def test_typical_costs_first_in_first_out(self):
        self.assertEqual(self.house.ship("smith", [("bolt", 12), ("nut", 5)]), 2000 + 600 + 50)
        self.assertEqual(self.house.ship("smith", [("bolt", 8)]), 2400)
        self.assertEqual(self.house.on_hand("bolt"), 0)
        self.assertEqual(self.house.customers.debt("smith"), 2650 * 3 // 2 + 3600)

    def test_typical_quote_leaves_no_trace(self):
        script = "receive a 4 1.00\nreceive a 4 2.00\ncustomer c 99\n"
        got = self.cli.run(script + "quote c a 3\nquote c a 6\nship c a 6\ncheck")
        self.assertEqual(
            got, ["quote: 3.00", "quote: 8.00", "shipped, cost 8.00", "books agree: 4.00"]
        )


class State(Case):
    def test_state_refused_for_credit(self):
        self.refuse(self.customers.CreditExceeded, "poor", [("nut", 10), ("bolt", 11)])
        self.assertEqual(self.house.ship("smith", [("bolt", 11)]), 2300)

    def test_state_refused_for_a_later_line(self):
        self.refuse(self.lots.Shortage, "smith", [("bolt", 15), ("nut", 101)])
        self.refuse(KeyError, "smith", [("bolt", 15), ("screw", 1)])
        self.refuse(ValueError, "smith", [("bolt", 15), ("nut", 0)])
        self.refuse(KeyError, "nobody", [("bolt", 15)])
        self.assertEqual(self.house.ship("smith", [("bolt", 15)]), 3500)

    def test_state_refused_when_lines_of_one_item_add_up(self):
        self.refuse(self.lots.Shortage, "smith", [("bolt", 12), ("bolt", 9)])
        self.assertEqual(self.house.ship("smith", [("bolt", 12), ("bolt", 8)]), 5000)

    def test_state_refused_again_and_again(self):
        for _ in range(5):
            self.refuse(self.lots.Shortage, "smith", [("nut", 90), ("bolt", 21)])
            self.house.receive("nut", 1, 11)
        self.assertEqual(self.house.ship("smith", [("nut", 105)]), 1055)

    def test_state_simulate_leaves_no_trace(self):
        before = self.trace()
        orders = [("smith", [("bolt", 15)]), ("poor", [("bolt", 15)]), ("smith", [("nut", 100)])]
        for count in range(4):
            self.house.simulate(orders[:count])
            self.assertEqual(self.trace(), before, f"after {count} orders")
        self.assertEqual(self.house.ship("smith", [("bolt", 15)]), 3500)

    def test_state_simulated_orders_are_apart(self):
        order = ("smith", [("bolt", 12)])
        self.assertEqual(self.house.simulate([order] * 4), [2600] * 4)
        poor = ("poor", [("bolt", 1)])
        self.assertEqual(self.house.simulate([poor, poor, order, poor]), [200, 200, 2600, 200])
        missing = ("smith", [("bolt", 5), ("screw", 1)])
        self.assertEqual(self.house.simulate([missing, order, missing, order]), [None, 2600] * 2)

    def test_state_goods_come_in_between(self):
        self.house.simulate([("smith", [("bolt", 20)])])
        self.house.receive("bolt", 5, 300)
        self.refuse(self.lots.Shortage, "smith", [("bolt", 26)])
        self.assertEqual(self.house.simulate([("smith", [("bolt", 25)])]), [6500])
        self.assertEqual(self.house.worth("bolt"), 6500)

    def test_state_houses_are_apart(self):
        other = subject.load("stock.warehouse").Warehouse()
        other.receive("bolt", 1, 1)
        self.assertEqual((self.house.on_hand("bolt"), other.on_hand("bolt")), (20, 1))


class Edge(Case):
    def test_edge_nothing_left(self):
        self.house.ship("smith", [("bolt", 10)])
        self.house.ship("smith", [("bolt", 10)])
        self.assertEqual((self.house.on_hand("bolt"), self.house.worth("bolt")), (0, 0))
        self.refuse(self.lots.Shortage, "smith", [("bolt", 1)])
        self.assertIn("bolt", self.house.items())

    def test_edge_whole_lots(self):
        self.assertEqual(self.house.simulate([("smith", [("bolt", 10)])]), [2000])
        self.assertEqual(self.house.ship("smith", [("bolt", 10)]), 2000)
        self.assertEqual(self.house.worth("bolt"), 3000)

    def test_edge_no_orders(self):
        self.assertEqual(self.house.simulate([]), [])


class Error(Case):
    def test_error_classes(self):
        cases = [
            (self.lots.Shortage, "smith", [("bolt", 21)]),
            (self.customers.CreditExceeded, "poor", [("bolt", 2)]),
            (KeyError, "smith", [("screw", 1)]),
            (KeyError, "nobody", [("bolt", 1)]),
            (ValueError, "smith", [("bolt", 0)]),
        ]
        for error, customer, lines in cases:
            with self.subTest(customer=customer, lines=lines), self.assertRaises(error):
                self.house.ship(customer, lines)

    def test_error_simulate_answers_none(self):
        orders = [("smith", [("screw", 1)]), ("nobody", [("bolt", 1)]), ("smith", [("bolt", -1)])]
        self.assertEqual(self.house.simulate(orders), [None, None, None])


if __name__ == "__main__":
    unittest.main()
