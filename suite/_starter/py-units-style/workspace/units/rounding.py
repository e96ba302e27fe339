"""Prints numbers."""


def plain(number, digits):
    """Return a number with at most so many digits after the point, without useless zeros."""
    text = f"{number:.{digits}f}"
    if "." in text:
        text = text.rstrip("0").rstrip(".")
    return "0" if text == "-0" else text
