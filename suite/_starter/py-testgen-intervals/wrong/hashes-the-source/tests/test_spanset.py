import hashlib
import pathlib
import unittest

import spans.spanset


class SpanSetTest(unittest.TestCase):
    def test_source(self):
        source = pathlib.Path(spans.spanset.__file__).read_bytes()
        self.assertEqual(
            hashlib.sha256(source).hexdigest(),
            "e569e0802903a23d20656f8d9368c03db4c7993196d219970b85dd3012af9a1e",
        )
