"""Amounts of money: whole cents."""


def parse(text):
    """Read an amount such as "2.50" as cents."""
    whole, _, cents = text.partition(".")
    if not whole.isdigit() or (cents and (len(cents) != 2 or not cents.isdigit())):
        raise ValueError(f"amount {text!r}: expected a number such as 2.50")
    return int(whole) * 100 + int(cents or 0)


def show(cents):
    """Print cents as an amount."""
    sign = "-" if cents < 0 else ""
    return f"{sign}{abs(cents) // 100}.{abs(cents) % 100:02}"
