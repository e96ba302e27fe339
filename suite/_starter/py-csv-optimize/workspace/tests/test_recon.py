import unittest

from recon import csvfile, report

BANK = """day,amount,text
2026-03-02,-12.50,Stamps
2026-03-03,100.00,Smith
2026-03-09,-12.50,Stamps
"""
BOOKS = """day,amount,text
2026-03-01,-12.50,"stamps, letters"
2026-03-04,100.00,Smith & Co
2026-03-04,100.00,Smith & Co
"""


class ReportTest(unittest.TestCase):
    def test_reconcile(self):
        self.assertEqual(
            report.reconcile(BANK, BOOKS),
            {
                "matched": [(0, 0), (1, 1)],
                "unbooked": [2],
                "unpaid": [2],
                "duplicates": [(2, 1)],
                "running": [-1250, 8750, 7500],
                "lowest": (0, -1250),
            },
        )

    def test_bad_line(self):
        with self.assertRaisesRegex(ValueError, "line 3"):
            report.reconcile(BANK, BOOKS.replace("100.00", "100"))
        with self.assertRaisesRegex(ValueError, "line 1"):
            csvfile.parse("")
