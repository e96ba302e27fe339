"""Everything about a statement and the books together."""

from recon import balance, csvfile, duplicates, match


def reconcile(bank_text, books_text):
    """Compare CSV text of the bank with CSV text of the books and return a dict:

    matched     pairs (place in bank, place in books), as match.match gives them
    unbooked    places of the bank's rows without a row in the books
    unpaid      places of the books' rows without a row at the bank
    duplicates  of the books, as duplicates.duplicates gives them
    running     the bank's balances, as balance.running gives them
    lowest      the bank's lowest point, as balance.lowest gives it

    Places count from 0. Raises ValueError as csvfile.parse does.
    """
    bank, books = csvfile.parse(bank_text), csvfile.parse(books_text)
    pairs = match.match(bank, books)
    booked = {i for i, _ in pairs}
    paid = {j for _, j in pairs}
    return {
        "matched": pairs,
        "unbooked": [i for i in range(len(bank)) if i not in booked],
        "unpaid": [j for j in range(len(books)) if j not in paid],
        "duplicates": duplicates.duplicates(books),
        "running": balance.running(bank),
        "lowest": balance.lowest(bank),
    }
