import random
import unittest

from metr import subject

release = subject.load("subject")

# Oldest first, no two of the same precedence.
LADDER = ["0.0.0-0", "0.0.0", "0.0.1", "0.1.0", "0.9.9", "0.10.0", "1.0.0-0", "1.0.0-2", "1.0.0-10", "1.0.0--", "1.0.0-1a", "1.0.0-A",
          "1.0.0-a", "1.0.0-a.1", "1.0.0-a.1.0", "1.0.0-a.2", "1.0.0-a.11", "1.0.0-a.b", "1.0.0-aa", "1.0.0-b", "1.0.0",
          "1.0.1-rc.9", "1.0.1-rc.10", "1.0.1", "2.0.0", "10.0.0"]


class TestCompare(unittest.TestCase):
    def before(self, a, b):
        self.assertEqual(release.compare(a, b), -1, "%s and %s" % (a, b))
        self.assertEqual(release.compare(b, a), 1, "%s and %s" % (b, a))

    def same(self, a, b):
        self.assertEqual(release.compare(a, b), 0, "%s and %s" % (a, b))
        self.assertEqual(release.compare(b, a), 0, "%s and %s" % (b, a))

    def test_typical_numbers(self):
        self.before("1.2.3", "1.2.4")
        self.before("1.2.9", "1.3.0")
        self.before("1.9.9", "2.0.0")
        self.before("1.9.0", "1.10.0")
        self.same("1.2.3", "1.2.3")

    def test_typical_prerelease_comes_first(self):
        self.before("1.0.0-rc", "1.0.0")
        self.before("1.0.0-alpha", "1.0.0-beta")
        self.before("0.9.9", "1.0.0-alpha")

    def test_typical_newest(self):
        self.assertEqual(release.newest(["1.0.0-rc.1", "0.9.0", "1.0.0", "1.0.0-rc.2"]), "1.0.0")
        self.assertEqual(release.newest(["2.0.0-a"]), "2.0.0-a")

    def test_edge_numbers_in_prereleases(self):
        self.before("1.0.0-rc.9", "1.0.0-rc.10")
        self.before("1.0.0-2", "1.0.0-11")
        self.before("1.0.0-0", "1.0.0-1")

    def test_edge_numbers_longer_than_integers(self):
        self.before("1.0.0-rc.18446744073709551615", "1.0.0-rc.18446744073709551616")
        self.before("1.0.0-99999999999999999999999998", "1.0.0-99999999999999999999999999")
        self.before("1.0.0-9", "1.0.0-" + "1" + "0" * 40)
        self.same("1.0.0-" + "7" * 50, "1.0.0-" + "7" * 50)
        self.before("18446744073709551614.0.0", "18446744073709551615.0.0")
        self.before("0.9223372036854775807.0", "0.9223372036854775808.0")

    def test_edge_number_before_text(self):
        self.before("1.0.0-999", "1.0.0-a")
        self.before("1.0.0-1", "1.0.0-1a")
        self.before("1.0.0-9", "1.0.0--")
        self.before("1.0.0-a.5", "1.0.0-a.x")

    def test_edge_text_by_byte(self):
        self.before("1.0.0-RC", "1.0.0-rc")
        self.before("1.0.0-Z", "1.0.0-a")
        self.before("1.0.0-rc10", "1.0.0-rc9")
        self.before("1.0.0-a-b", "1.0.0-aa")

    def test_edge_shorter_first(self):
        self.before("1.0.0-a", "1.0.0-a.0")
        self.before("1.0.0-a.b", "1.0.0-a.b.c")
        self.before("1.0.0-a.b.c", "1.0.0-b")

    def test_edge_build_does_not_count(self):
        self.same("1.0.0+a", "1.0.0+b")
        self.same("1.0.0+a", "1.0.0")
        self.same("1.0.0-rc.1+z", "1.0.0-rc.1+001")
        self.before("1.0.0-rc.1+z", "1.0.0+a")

    def test_edge_first_of_equals_is_newest(self):
        self.assertEqual(release.newest(["1.0.0+b", "1.0.0+a", "1.0.0"]), "1.0.0+b")

    def test_state_sorting(self):
        rnd = random.Random(5)
        for _ in range(20):
            mixed = LADDER[:]
            rnd.shuffle(mixed)
            self.assertEqual(release.sorted(mixed), LADDER)
        self.assertEqual(release.sorted(["1.0.0+c", "0.1.0", "1.0.0+a", "1.0.0+b"]), ["0.1.0", "1.0.0+c", "1.0.0+a", "1.0.0+b"])

    def test_state_every_pair(self):
        for i, a in enumerate(LADDER):
            for j, b in enumerate(LADDER):
                self.assertEqual(release.compare(a, b), (i > j) - (i < j), "%s and %s" % (a, b))

    def test_error_no_version(self):
        with self.assertRaises(Exception) as c:
            release.newest(["1.0.0", "one"])
        self.assertEqual(type(c.exception).__name__, "invalid_argument")
        self.assertIn('"one"', str(c.exception))
        with self.assertRaises(Exception) as c:
            release.newest([])
        self.assertEqual(type(c.exception).__name__, "out_of_range")
