import random
import unittest

from metr import subject

queue = subject.load("subject")


def some(name, rank):
    return 'Some(("%s", %d))' % (name, rank)


class TestQueue(unittest.TestCase):
    def play(self, *pairs):
        """Operations and what each must give, by turns."""
        ops, want = list(pairs[::2]), list(pairs[1::2])
        self.assertEqual(queue.play(ops), want)

    def test_typical_lowest_first(self):
        self.play("push mail 5", "true", "push backup 10", "true", "push log -3", "true", "len", "3",
                  "pop", some("log", -3), "pop", some("mail", 5), "pop", some("backup", 10), "pop", "None")

    def test_typical_peek_stays(self):
        self.play("push a 1", "true", "peek", some("a", 1), "peek", some("a", 1), "len", "1", "pop", some("a", 1), "empty", "true")

    def test_typical_plan_runs_in_order(self):
        self.assertEqual(queue.order("c 3\na 1\nb 2\na 0\nd 1\n"), ["a", "d", "b", "c"])

    def test_edge_empty(self):
        self.play("len", "0", "empty", "true", "peek", "None", "pop", "None", "pop", "None")

    def test_edge_equals_in_order_of_arrival(self):
        ops, want = [], []
        for i in range(20):
            ops.append("push j%d 7" % i)
            want.append("true")
        for i in range(20):
            ops.append("pop")
            want.append(some("j%d" % i, 7))
        self.assertEqual(queue.play(ops), want)

    def test_edge_ends_of_the_range(self):
        low, high = -2**63, 2**63 - 1
        self.play("push max %d" % high, "true", "push min %d" % low, "true", "push zero 0", "true",
                  "pop", some("min", low), "pop", some("zero", 0), "pop", some("max", high))

    def test_edge_same_name_twice(self):
        self.play("push a 5", "true", "push a 1", "false", "push b 2", "true", "len", "2",
                  "pop", some("b", 2), "pop", some("a", 5), "pop", "None")

    def test_state_update_moves(self):
        self.play("push a 1", "true", "push b 2", "true", "push c 3", "true", "update c 0", "Some(3)", "peek", some("c", 0),
                  "update c 9", "Some(0)", "pop", some("a", 1), "pop", some("b", 2), "pop", some("c", 9))

    def test_state_update_goes_behind_equals(self):
        self.play("push a 5", "true", "push b 1", "true", "push c 1", "true", "update a 1", "Some(5)",
                  "pop", some("b", 1), "pop", some("c", 1), "pop", some("a", 1))

    def test_state_update_to_the_same_keeps_the_turn(self):
        self.play("push a 1", "true", "push b 1", "true", "update a 1", "Some(1)", "pop", some("a", 1), "pop", some("b", 1))

    def test_state_removed_and_pushed_again(self):
        self.play("push a 1", "true", "push b 1", "true", "remove a", "Some(1)", "len", "1", "push a 1", "true",
                  "pop", some("b", 1), "pop", some("a", 1))

    def test_state_popped_and_pushed_again(self):
        self.play("push a 1", "true", "push b 2", "true", "pop", some("a", 1), "update a 7", "None", "push a 3", "true",
                  "pop", some("b", 2), "pop", some("a", 3))

    def test_state_changes_after_pops(self):
        ranks = {"j%d" % i: i * 3 % 11 for i in range(11)}
        ops = ["push %s %d" % r for r in ranks.items()] + ["pop"] * 4
        order = sorted(ranks, key=lambda n: ranks[n])
        want = ["true"] * 11 + [some(n, ranks[n]) for n in order[:4]]
        for n in order[4:]:
            ops.append("update %s %d" % (n, -ranks[n]))
            want.append("Some(%d)" % ranks[n])
        for n in reversed(order[4:]):
            ops.append("pop")
            want.append(some(n, -ranks[n]))
        self.assertEqual(queue.play(ops), want)

    def test_state_thousands_of_changes(self):
        rnd = random.Random(7)
        n = 20000
        first = [rnd.randrange(50) for _ in range(n)]
        then = [rnd.randrange(50) for _ in range(n)]
        turn = {i: (i if first[i] == then[i] else n + i) for i in range(n)}
        want = sorted(range(1, n, 2), key=lambda i: (then[i], turn[i]))
        self.assertEqual(queue.churn(first, then), [str(i) for i in want])

    def test_error_unknown_names(self):
        self.play("update ghost 1", "None", "remove ghost", "None", "push a 1", "true", "remove a", "Some(1)", "remove a", "None",
                  "update a 2", "None", "len", "0")
