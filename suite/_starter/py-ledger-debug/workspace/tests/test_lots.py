import unittest

from stock.lots import LotQueue, Shortage


class LotQueueTest(unittest.TestCase):
    def setUp(self):
        self.queue = LotQueue()
        self.queue.add(10, 200)
        self.queue.add(5, 300)

    def test_first_in_first_out(self):
        self.assertEqual(self.queue.take(4), 800)
        self.assertEqual(self.queue.take(8), 6 * 200 + 2 * 300)
        self.assertEqual((self.queue.quantity(), self.queue.worth()), (3, 900))

    def test_shortage_takes_nothing(self):
        with self.assertRaises(Shortage):
            self.queue.take(16)
        self.assertEqual(self.queue.quantity(), 15)

    def test_copy(self):
        twin = self.queue.copy()
        self.assertEqual((twin.quantity(), twin.worth()), (15, 3500))
