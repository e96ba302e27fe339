import random
import unittest

from metr import subject

table = subject.load("subject")


def fnv(key):
    h = 14695981039346656037
    for b in key.encode():
        h = (h ^ b) * 1099511628211 % 2**64
    return (h >> 32 ^ h) & 0xffffffff


def keys_at(home, n, size=8, skip=0):
    """The first n keys after skip whose slot in a table of that size is home."""
    out, i = [], 0
    while len(out) < n + skip:
        if fnv("key%d" % i) % size == home:
            out.append("key%d" % i)
        i += 1
    return out[skip:]


class TestTable(unittest.TestCase):
    def check(self, ops):
        """Plays the operations here and there."""
        have, want = {}, []
        for op in ops:
            if op[0] == "p":
                want.append(op[1] not in have)
                have[op[1]] = op[2]
            elif op[0] == "g":
                want.append(have.get(op[1]))
            elif op[0] == "r":
                want.append(have.pop(op[1], None) is not None)
            else:
                want.append(len(have))
        for i, got in enumerate(table.play(ops)):
            self.assertEqual(got, want[i], "operation %d of %d, %r" % (i + 1, len(ops), ops[i]))

    def test_typical_put_get_remove(self):
        self.check([["p", "ada", 1], ["p", "bob", 2], ["g", "ada"], ["r", "ada"], ["g", "ada"], ["g", "bob"], ["n"],
                    ["p", "ada", 3], ["g", "ada"], ["p", "ada", 4], ["g", "ada"], ["n"]])

    def test_typical_hash_stays(self):
        for key in ("", "ada", "session 77", "ü"):
            self.assertEqual(table.hash(key), fnv(key))

    def test_state_first_of_a_run_removed(self):
        a, b, c = keys_at(2, 3)
        self.check([["p", a, 1], ["p", b, 2], ["p", c, 3], ["r", a], ["g", b], ["g", c], ["n"], ["p", b, 9], ["n"], ["g", b]])

    def test_state_middle_of_a_run_removed(self):
        a, b, c, d = keys_at(1, 4)
        self.check([["p", a, 1], ["p", b, 2], ["p", c, 3], ["p", d, 4], ["r", b], ["g", a], ["g", c], ["g", d],
                    ["r", a], ["g", c], ["g", d], ["r", c], ["g", d], ["n"]])

    def test_state_neighbour_at_home_stays(self):
        a, b = keys_at(3, 2)
        (c,) = keys_at(4, 1)
        (d,) = keys_at(5, 1)
        for order in ([a, c, b], [c, a, b], [a, b, c], [a, c, d, b]):
            for gone in order:
                ops = [["p", k, i] for i, k in enumerate(order)] + [["r", gone]]
                self.check(ops + [["g", k] for k in order] + [["n"]])

    def test_state_random_operations(self):
        rnd = random.Random(3)
        for size in (5, 20, 200):
            names = ["u%d" % i for i in range(size)]
            ops = []
            for i in range(3000):
                k = rnd.choice(names)
                ops.append(rnd.choice([["p", k, i], ["g", k], ["r", k], ["n"]]))
            self.check(ops)

    def test_state_many_come_and_go(self):
        slots, count, lost = table.come_and_go(300000, 10)
        self.assertEqual(count, 10)
        self.assertEqual(lost, 0)
        self.assertLessEqual(slots, 64)

    def test_edge_run_across_the_end(self):
        a, b, c = keys_at(7, 3)
        (d,) = keys_at(0, 1)
        for order in ([a, b, c], [a, b, d], [a, d, b, c]):
            for gone in order:
                ops = [["p", k, i] for i, k in enumerate(order)] + [["r", gone]]
                self.check(ops + [["g", k] for k in order] + [["n"]])

    def test_edge_across_the_end_of_a_grown_table(self):
        names = keys_at(31, 6, 32) + keys_at(30, 4, 32) + keys_at(0, 4, 32)
        ops = [["p", k, i] for i, k in enumerate(names)]
        for k in names[::2]:
            ops += [["r", k]] + [["g", x] for x in names]
        self.check(ops)

    def test_edge_empty_key(self):
        self.check([["g", ""], ["p", "", 5], ["g", ""], ["n"], ["r", ""], ["g", ""], ["n"], ["p", "", 6], ["g", ""]])

    def test_edge_emptied_and_filled_again(self):
        names = ["s%d" % i for i in range(300)]
        ops = [["p", k, 1] for k in names] + [["r", k] for k in names] + [["n"]]
        ops += [["p", k, 2] for k in names] + [["g", k] for k in names] + [["n"]]
        self.check(ops)

    def test_error_unknown_key(self):
        a, b = keys_at(6, 2)
        self.check([["r", a], ["g", a], ["n"], ["p", a, 1], ["r", b], ["g", b], ["n"], ["r", a], ["r", a], ["n"]])
