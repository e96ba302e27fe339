"""Finds the row of the books for every row of the bank."""

import heapq
from collections import defaultdict

DAYS = 3  # a payment may be booked so many days before or after the bank's day


def match(bank, books):
    """Return pairs (place in bank, place in books), in the order of bank.

    The rows of the bank are taken in their order. Each gets the first row of the books, in the
    order of the books, that has the same amount, is at most DAYS days away, and was not given to
    an earlier row of the bank. Rows that get none are left out.
    """
    wanted = defaultdict(list)
    for i, row in enumerate(bank):
        wanted[row.amount].append(i)
    queues = defaultdict(list)
    for j, entry in enumerate(books):
        if entry.amount in wanted:
            heapq.heappush(queues[entry.amount, entry.day], j)
    pairs = []
    for i, row in enumerate(bank):
        days = range(row.day - DAYS, row.day + DAYS + 1)
        near = [queues[row.amount, day] for day in days if (row.amount, day) in queues]
        near = [queue for queue in near if queue]
        if near:
            pairs.append((i, heapq.heappop(min(near))))
    return pairs
