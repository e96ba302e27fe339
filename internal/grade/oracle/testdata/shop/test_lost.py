import unittest

from metr import subject

cart = subject.load("shop.cart")
old = subject.start.load("shop.cart")


class LostTest(unittest.TestCase):
    def test_a_dies(self):
        try:
            cart.die()
        except Exception:
            pass

    def test_b_lives_again(self):
        self.assertEqual(cart.twice(2), 4)

    def test_c_swallowed(self):
        try:
            cart.die()
        except:  # noqa: E722, that is the point
            pass

    def test_edge_before(self):
        self.assertEqual(old.twice(2), 5)

    @unittest.skip("not today")
    def test_skipped(self):
        pass

    def test_speed(self):
        subject.measure("twice", [1000], lambda n: list(range(n)), lambda side, data: side.load("shop.cart").total_of(data), pairs=3)
