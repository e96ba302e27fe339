import unittest

from app import accounts, audit, db


class AccountsTest(unittest.TestCase):
    def setUp(self):
        self.conn = db.connect()
        self.addCleanup(self.conn.close)
        self.alice = accounts.register(self.conn, "alice", "wonderland", city="Oxford")

    def test_login(self):
        self.assertEqual(accounts.login(self.conn, "alice", "wonderland"), self.alice)
        self.assertIsNone(accounts.login(self.conn, "alice", "looking-glass"))
        self.assertIsNone(accounts.login(self.conn, "bob", "wonderland"))

    def test_name_is_taken(self):
        with self.assertRaises(accounts.DuplicateName):
            accounts.register(self.conn, "alice", "other")

    def test_change_city(self):
        self.assertTrue(accounts.change_city(self.conn, self.alice, "London"))
        self.assertEqual(accounts.city_of(self.conn, self.alice), "London")
        self.assertFalse(accounts.change_city(self.conn, 999, "London"))

    def test_events(self):
        accounts.login(self.conn, "alice", "no")
        accounts.login(self.conn, "alice", "wonderland")
        self.assertEqual(audit.events_of(self.conn, self.alice), ["refused", "ok"])
        self.assertEqual(audit.events_of(self.conn, 999), [])
        self.assertEqual(audit.all_events(self.conn), [("alice", "refused"), ("alice", "ok")])
