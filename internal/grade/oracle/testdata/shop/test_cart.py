import unittest

from metr import subject

cart = subject.load("shop.cart")
errors = subject.load("shop.errors")


class CartTest(unittest.TestCase):
    def test_total(self):
        c = cart.Cart()
        c.add("pen", 2, price=1.5)
        c.add("ink", 1, price=4)
        self.assertEqual(c.total(), 7.0)
        self.assertEqual(len(c), 2)
        self.assertIn("pen", c)
        self.assertNotIn("hat", c)
        self.assertEqual(list(c), ["pen", "ink"])
        self.assertEqual(c["pen"], (2, 1.5))
        self.assertEqual(str(c), "pen x2, ink x1")
        self.assertTrue(c)
        self.assertFalse(cart.Cart())
        self.assertEqual(cart.LIMIT, 100)

    def test_edge_named_tuple_and_enum(self):
        line = cart.Cart().line("pen", 1, 2)
        self.assertEqual(line, ("pen", 1, 2))
        self.assertEqual(line.price, 2)
        self.assertEqual(cart.Kind.PEN, cart.Kind.PEN)
        self.assertNotEqual(cart.Kind.PEN, cart.Kind.INK)
        self.assertEqual(cart.Kind.PEN.name, "PEN")

    def test_error_classes(self):
        with self.assertRaises(errors.EmptyError) as caught:
            cart.Cart().checkout()
        self.assertEqual(caught.exception.code, 7)
        self.assertEqual(str(caught.exception), "nothing in the cart")
        with self.assertRaises(errors.ShopError):
            cart.Cart().checkout()
        with self.assertRaises(ValueError):
            cart.Cart().checkout()
        with self.assertRaises(KeyError):
            cart.Cart()["hat"]
        with self.assertRaises(AttributeError):
            cart.nothing

    def test_state_callbacks(self):
        seen = []
        c = cart.Cart(on_add=lambda name, n: seen.append((name, n)) or len(seen))
        self.assertEqual(c.add("pen", 1, price=1), 1)
        self.assertEqual(c.add("pen", 5, price=1), 2)
        self.assertEqual(seen, [("pen", 1), ("pen", 5)])

        def refuse(name, n):
            raise ValueError("no " + name)
        with self.assertRaisesRegex(ValueError, "no pen"):
            cart.Cart(on_add=refuse).add("pen", 1, price=1)

    def test_callback_asks_back(self):
        c = cart.Cart()
        d = cart.Cart(on_add=lambda name, n: c.add(name, n, price=0))
        d.add("pen", 3, price=1)
        self.assertEqual(list(c), ["pen"])

    def test_context_and_generators(self):
        with cart.Cart() as c:
            c.add("pen", 1, price=1)
        self.assertEqual(c.closed, True)
        g = cart.numbers()
        self.assertEqual([next(g), next(g), next(g)], [0, 1, 2])
        self.assertEqual(cart.fetch(4), 8)

    def test_arguments_change(self):
        items = [3, 1, 2]
        cart.sort_in_place(items)
        self.assertEqual(items, [1, 2, 3])

    def test_identity(self):
        a = cart.Cart()
        self.assertEqual(a, a)
        self.assertIs(a.me() == a, True)
        self.assertNotEqual(a, cart.Cart())
        self.assertNotEqual(cart.Liar(), 5)
        self.assertFalse(cart.Liar() == 5)

    def test_subtests(self):
        for n in (1, 2):
            with self.subTest(n=n):
                self.assertEqual(cart.twice(n), 2 * n)

    def test_exploit_nothing(self):
        self.assertEqual(cart.twice(2), 4)


class OtherTest(unittest.TestCase):
    def test_subtests(self):
        self.assertEqual(cart.twice("a"), "aa")
