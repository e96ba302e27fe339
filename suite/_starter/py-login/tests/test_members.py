import unittest

from metr import subject

NAMES = ["O'Brien", '"quoted"', "Zoë", "李雷", "a;b", "--", "back\\slash", "100%", "''", ""]


class Members(unittest.TestCase):
    def setUp(self):
        self.db = subject.load("app.db")
        self.accounts = subject.load("app.accounts")
        self.directory = subject.load("app.directory")
        self.audit = subject.load("app.audit")
        self.conn = self.db.connect()
        self.ids = {}
        for name, city, joined in [
            ("carol", "Bath", 30),
            ("Alice", "Oxford", 20),
            ("bob", "Ayr", 10),
            ("dave", "Bath", 5),
        ]:
            self.ids[name] = self.accounts.register(
                self.conn, name, "secret of " + name, city=city, joined=joined
            )

    def names(self, text="", **options):
        return [m["name"] for m in self.directory.search(self.conn, text, **options)]

    def login(self, name, password):
        return self.accounts.login(self.conn, name, password)

    # typical

    def test_typical_login(self):
        self.assertEqual(self.login("Alice", "secret of Alice"), self.ids["Alice"])
        self.assertEqual(self.login("bob", "secret of bob"), self.ids["bob"])
        self.assertIsNone(self.login("Alice", "secret of bob"))
        self.assertIsNone(self.login("alice", "secret of Alice"))
        self.assertIsNone(self.login("nobody", "secret of Alice"))

    def test_typical_search_returns_members(self):
        self.assertEqual(
            self.directory.search(self.conn, "LIC"),
            [{"id": self.ids["Alice"], "name": "Alice", "city": "Oxford"}],
        )
        self.assertEqual(self.names("a"), ["Alice", "carol", "dave"])
        self.assertEqual(self.names("nobody"), [])

    def test_typical_orders(self):
        self.assertEqual(self.names(), ["Alice", "bob", "carol", "dave"])
        self.assertEqual(self.names(descending=True), ["dave", "carol", "bob", "Alice"])
        self.assertEqual(self.names(order_by="city"), ["bob", "carol", "dave", "Alice"])
        self.assertEqual(
            self.names(order_by="city", descending=True), ["Alice", "carol", "dave", "bob"]
        )
        self.assertEqual(self.names(order_by="joined"), ["dave", "bob", "Alice", "carol"])
        self.assertEqual(self.names(order_by="joined", limit=2), ["dave", "bob"])

    # edge

    def test_edge_any_name_can_log_in(self):
        for name in NAMES:
            with self.subTest(name=name):
                made = self.accounts.register(self.conn, name, name + "'s secret")
                self.assertEqual(self.login(name, name + "'s secret"), made)
                self.assertIsNone(self.login(name, "secret"))

    def test_edge_any_name_is_found_as_given(self):
        made = {name: self.accounts.register(self.conn, name, "x") for name in NAMES}
        for name in NAMES:
            if name:
                with self.subTest(name=name):
                    found = self.directory.search(self.conn, name)
                    self.assertIn({"id": made[name], "name": name, "city": ""}, found)
                    for member in found:
                        self.assertIn(name.lower(), member["name"].lower())

    def test_edge_any_city(self):
        for city in NAMES:
            with self.subTest(city=city):
                self.assertTrue(self.accounts.change_city(self.conn, self.ids["bob"], city))
                self.assertEqual(self.accounts.city_of(self.conn, self.ids["bob"]), city)
        self.assertEqual(self.accounts.city_of(self.conn, self.ids["dave"]), "Bath")

    def test_edge_text_is_literal(self):
        for name in ["50% off", "under_score", "under-score", "c:\\temp", "c:temp"]:
            self.accounts.register(self.conn, name, "x")
        self.assertEqual(self.names("%"), ["50% off"])
        self.assertEqual(self.names("_"), ["under_score"])
        self.assertEqual(self.names("r_s"), ["under_score"])
        self.assertEqual(self.names("\\"), ["c:\\temp"])
        self.assertEqual(self.names("\\%"), [])
        self.assertEqual(self.names("C:\\T"), ["c:\\temp"])

    def test_edge_events_keep_the_name(self):
        names = NAMES + ["Alice' --", "x', 'ok'), ('Alice", "x' OR '1'='1"]
        for name in names:
            self.login(name, "x")
        events = [tuple(e) for e in self.audit.all_events(self.conn)]
        self.assertEqual(events, [(name, "refused") for name in names])

    # state

    def test_state_events_follow_the_logins(self):
        self.login("bob", "no")
        self.login("Alice", "secret of Alice")
        self.login("bob", "secret of bob")
        self.login("nobody", "x")
        self.assertEqual(self.audit.events_of(self.conn, self.ids["bob"]), ["refused", "ok"])
        self.assertEqual(self.audit.events_of(self.conn, self.ids["Alice"]), ["ok"])
        self.assertEqual(self.audit.events_of(self.conn, self.ids["dave"]), [])
        self.assertEqual(self.audit.events_of(self.conn, 12345), [])
        self.assertEqual(
            [tuple(e) for e in self.audit.all_events(self.conn)],
            [("bob", "refused"), ("Alice", "ok"), ("bob", "ok"), ("nobody", "refused")],
        )

    def test_state_change_of_city_moves_the_member(self):
        self.accounts.change_city(self.conn, self.ids["Alice"], "Aberdeen")
        self.assertEqual(self.names(order_by="city"), ["Alice", "bob", "carol", "dave"])
        self.assertFalse(self.accounts.change_city(self.conn, 12345, "Aberdeen"))

    # error

    def test_error_unknown_order(self):
        for order in ["digest", "", "Name", "id", "nothing"]:
            with self.subTest(order=order), self.assertRaises(ValueError):
                self.directory.search(self.conn, "", order_by=order)

    def test_error_name_is_taken(self):
        with self.assertRaises(self.accounts.DuplicateName):
            self.accounts.register(self.conn, "bob", "x")
        self.assertEqual(self.login("bob", "secret of bob"), self.ids["bob"])

    # exploit

    def refused(self, name, password="x"):
        """The attack ends as an ordinary refused login: one event, refused."""
        before = len(self.audit.all_events(self.conn))
        self.assertIsNone(self.login(name, password))
        events = self.audit.all_events(self.conn)[before:]
        self.assertEqual([outcome for _, outcome in events], ["refused"])

    def test_exploit_login_without_password(self):
        for name in ["Alice' --", "Alice'--", "' OR 1=1 --", "Alice' OR '1'='1", "x' OR name='bob"]:
            with self.subTest(name=name):
                self.refused(name)

    def test_exploit_login_with_union(self):
        self.refused("x' UNION SELECT id FROM accounts WHERE name = 'Alice' --")
        self.refused("x' UNION SELECT salt FROM accounts --", "secret of Alice")

    def test_exploit_forged_events(self):
        self.refused("x', 'ok'), ('Alice")
        self.refused("x', (SELECT digest FROM accounts)) --")
        self.audit.record(self.conn, "x', 'ok'), ('Alice', 'ok') --", "refused")
        self.assertNotIn(("Alice", "ok"), [tuple(e) for e in self.audit.all_events(self.conn)])

    def test_exploit_search_text(self):
        attacks = [
            "' OR 1=1 --",
            "x%' UNION SELECT id, digest, salt FROM accounts LIMIT ? --",
            "x' UNION SELECT id, digest, salt FROM accounts ORDER BY 1 LIMIT ? --",
        ]
        for text in attacks:
            with self.subTest(text=text):
                self.assertEqual(self.directory.search(self.conn, text), [])

    def test_exploit_search_order(self):
        attacks = [
            "name, (SELECT digest FROM accounts)",
            "name LIMIT ? --",
            "city DESC --",
            "name COLLATE NOCASE",
            "CASE WHEN (SELECT digest FROM accounts WHERE id = 1) > '8' THEN name ELSE city END",
            "(SELECT 1)",
            "name; DROP TABLE accounts",
        ]
        for order in attacks:
            with self.subTest(order=order), self.assertRaises(ValueError):
                self.directory.search(self.conn, "", order_by=order)

    def test_exploit_city_changes_nothing_else(self):
        city = "x', name = 'root"
        self.accounts.change_city(self.conn, self.ids["bob"], city)
        self.assertEqual(self.login("bob", "secret of bob"), self.ids["bob"])
        self.assertIsNone(self.login("root", "secret of bob"))

    def test_exploit_stored_name(self):
        self.login("Alice", "secret of Alice")
        self.login("bob", "no")
        for name in ["x' OR '1'='1", "x' UNION SELECT digest FROM accounts --"]:
            with self.subTest(name=name):
                mallory = self.accounts.register(self.conn, name, "m")
                self.assertEqual(self.audit.events_of(self.conn, mallory), [])


if __name__ == "__main__":
    unittest.main()
