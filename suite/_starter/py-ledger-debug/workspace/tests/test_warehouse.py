import unittest

from stock import cli, money
from stock.lots import Shortage
from stock.warehouse import Warehouse


class WarehouseTest(unittest.TestCase):
    def setUp(self):
        self.house = Warehouse()
        self.house.customers.add("smith", 10000)
        self.house.receive("bolt", 10, 200)

    def test_ship(self):
        self.assertEqual(self.house.ship("smith", [("bolt", 4)]), 800)
        self.assertEqual(self.house.on_hand("bolt"), 6)
        self.assertEqual(self.house.ledger.balance("stock"), 1200)
        self.assertEqual(self.house.ledger.balance("goods sold"), 800)
        self.assertEqual(self.house.customers.debt("smith"), 1200)

    def test_refused(self):
        with self.assertRaises(Shortage):
            self.house.ship("smith", [("bolt", 11)])
        with self.assertRaises(KeyError):
            self.house.ship("nobody", [("bolt", 10)])
        self.assertEqual(self.house.ledger.balance("stock"), 2000)
        self.assertEqual(self.house.customers.debt("smith"), 0)

    def test_simulate(self):
        orders = [("smith", [("bolt", 3)]), ("smith", [("bolt", 30)])]
        self.assertEqual(self.house.simulate(orders), [600, None])
        self.assertEqual(self.house.ledger.balance("stock"), 2000)


class CliTest(unittest.TestCase):
    def test_script(self):
        script = "receive nut 5 0.10\ncustomer smith 9\nship smith nut 2\nlist\ncheck\n"
        self.assertEqual(
            cli.run(script), ["shipped, cost 0.20", "nut: 3 pieces, 0.30", "books agree: 0.30"]
        )

    def test_money(self):
        self.assertEqual((money.parse("2.50"), money.parse("7"), money.show(-5)), (250, 700, "-0.05"))
