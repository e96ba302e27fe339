import unittest

from app import accounts, db, directory


class DirectoryTest(unittest.TestCase):
    def setUp(self):
        self.conn = db.connect()
        self.addCleanup(self.conn.close)
        for name, city, joined in [("carol", "Bath", 3), ("Alice", "Oxford", 2), ("bob", "Ayr", 1)]:
            accounts.register(self.conn, name, "secret", city=city, joined=joined)

    def names(self, **options):
        return [member["name"] for member in directory.search(self.conn, **options)]

    def test_search(self):
        self.assertEqual(self.names(text="AL"), ["Alice"])
        self.assertEqual(self.names(text="nobody"), [])

    def test_order(self):
        self.assertEqual(self.names(order_by="city"), ["bob", "carol", "Alice"])
        self.assertEqual(self.names(order_by="joined", descending=True), ["carol", "Alice", "bob"])

    def test_limit(self):
        self.assertEqual(self.names(order_by="joined", limit=1), ["bob"])
