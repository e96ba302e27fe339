import datetime
import itertools
import random
import unittest

from metr import subject

HEAD = "day,amount,text\n"


def expected(bank, books):
    """The documentation strings, word for word, on rows (day, cents, text)."""
    given, pairs = set(), []
    for i, row in enumerate(bank):
        for j, entry in enumerate(books):
            if j not in given and entry[1] == row[1] and abs(entry[0] - row[0]) <= 3:
                given.add(j)
                pairs.append((i, j))
                break
    plain = [(day, cents, " ".join(text.casefold().split())) for day, cents, text in books]
    running = list(itertools.accumulate(row[1] for row in bank))
    return {
        "matched": pairs,
        "unbooked": [i for i in range(len(bank)) if i not in {p[0] for p in pairs}],
        "unpaid": [j for j in range(len(books)) if j not in given],
        "duplicates": [(i, plain.index(row)) for i, row in enumerate(plain) if row in plain[:i]],
        "running": running,
        "lowest": (running.index(min(running)), min(running)) if running else None,
    }


def written(rows):
    """Rows (day of March 2026, cents, text) as CSV text."""
    lines = []
    for day, cents, text in rows:
        sign = "-" if cents < 0 else ""
        lines.append(f"2026-03-{day:02},{sign}{abs(cents) // 100}.{abs(cents) % 100:02},{text}\n")
    return HEAD + "".join(lines)


class Case(unittest.TestCase):
    def setUp(self):
        self.report = subject.load("recon.report")

    def check(self, bank, books):
        got = self.report.reconcile(written(bank), written(books))
        self.assertEqual(got, expected(bank, books), f"bank {bank}, books {books}")


class Results(Case):
    def test_typical_month(self):
        self.check(
            [(2, -1250, "Stamps"), (3, 10000, "Smith"), (9, -1250, "Stamps"), (20, 5, "x")],
            [(1, -1250, "stamps"), (4, 10000, "Smith"), (4, 10000, "Smith"), (30, 5, "x")],
        )

    def test_typical_lowest(self):
        self.check([(1, 500, "a"), (2, -900, "b"), (3, 300, "c"), (4, -50, "d")], [])

    def test_edge_first_of_the_books_not_the_nearest(self):
        self.check([(10, 1, "a")], [(13, 1, "far"), (10, 1, "near"), (7, 1, "far")])
        self.check([(10, 1, "a"), (13, 1, "a")], [(13, 1, "x"), (10, 1, "y"), (16, 1, "z")])

    def test_edge_ends_of_the_window(self):
        for away in range(-5, 6):
            self.check([(10, 1, "a")], [(10 + away, 1, "a")])

    def test_edge_small_statements(self):
        rows = [(d, c, "t") for d in (1, 3, 5, 9) for c in (100, -100)]
        rng = random.Random(3)
        for _ in range(400):
            self.check(
                [rng.choice(rows) for _ in range(rng.randint(0, 5))],
                [rng.choice(rows) for _ in range(rng.randint(0, 5))],
            )

    def test_edge_many_equal_rows(self):
        rng = random.Random(4)
        for days, amounts in [(3, [1]), (28, [1]), (28, [1, -1, 2]), (28, range(-40, 40))]:
            bank = [(rng.randint(1, days), rng.choice(amounts), "t") for _ in range(120)]
            books = [(rng.randint(1, days), rng.choice(amounts), "t") for _ in range(120)]
            self.check(bank, books)

    def test_edge_texts_that_are_equal(self):
        texts = ["Café Zoë", "CAFÉ  ZOË", " café zoë ", "cafe zoe", "Straße", "STRASSE", "", " "]
        self.check([], [(1, 7, text) for text in texts])

    def test_edge_lowest_occurs_again(self):
        self.check([(1, -5, "a"), (2, 5, "a"), (3, -5, "a"), (4, 0, "a")], [])

    def test_edge_nothing(self):
        self.check([], [])
        self.check([(1, 1, "a")], [])
        self.check([], [(1, 1, "a"), (1, 1, "A")])

    def test_state_calls_are_apart(self):
        bank, books = [(5, 100, "a"), (9, 200, "b")], [(5, 100, "a"), (8, 200, "b")]
        for _ in range(3):
            self.check(bank, books)
            self.check(bank, books[:1])
            self.check(bank[::-1], books)
            self.check(bank, [(5, 100, "a"), (8, 200, "c")])

    def test_state_long_statements_that_differ_at_the_end(self):
        start = [(1 + i % 28, 100, "fee") for i in range(40)]
        for last in [(3, 100, "fee"), (3, 200, "fee"), (9, 100, "fee")]:
            self.check([*start, last], start)
            self.check(start, [*start, last])

    def test_typical_parts(self):
        rows = subject.load("recon.csvfile").parse(written([(1, 5, "a"), (1, 5, "A"), (2, -7, "b")]))
        rows = [tuple(rows[i]) for i in range(3)]
        self.assertEqual([row[1:] for row in rows], [(5, "a"), (5, "A"), (-7, "b")])

    def test_error_lines(self):
        good = written([(1, 1, "a")])
        for bad, line in [
            ("", "line 1"),
            ("day,text,amount\n", "line 1"),
            (good + "2026-02-30,1.00,x\n", "line 3"),
            (good + "2026-03-01,1,x\n", "line 3"),
            (good + "2026-03-01,1.00\n", "line 3"),
        ]:
            with self.subTest(bad=bad):
                with self.assertRaisesRegex(ValueError, line):
                    self.report.reconcile(bad, good)
                with self.assertRaisesRegex(ValueError, line):
                    self.report.reconcile(good, bad)


def statement(seed, rows):
    """CSV text of many years in which most rows have one amount."""
    rng = random.Random(seed)
    lines = []
    for _ in range(rows):
        day = datetime.date(2009, 1, 1) + datetime.timedelta(days=rng.randrange(6000))
        amount = rng.choice(["-12.00"] * 9 + ["25.00"])
        lines.append(f"{day},{amount},{rng.choice(['Fee', 'fee ', 'Stamps', 'Rent  May'])}\n")
    return HEAD + "".join(lines)


class Speed(unittest.TestCase):
    def test_typical_speed(self):
        subject.measure(
            "reconcile",
            [300, 600],
            lambda rows: [statement(1, rows), statement(2, rows)],
            lambda side, texts: len(side.load("recon.report").reconcile(*texts)["running"]),
        )

    def test_edge_many_years_as_before(self):
        for rows in (300, 800):
            texts = statement(rows, rows), statement(rows + 1, rows)
            before = subject.start.load("recon.report").reconcile(*texts)
            self.assertEqual(subject.load("recon.report").reconcile(*texts), before)


if __name__ == "__main__":
    unittest.main()
