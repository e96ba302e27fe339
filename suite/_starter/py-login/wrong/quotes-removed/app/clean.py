"""Cleans what users type."""


def clean(text):
    """Remove the characters that are dangerous in SQL."""
    return text.replace("'", "").replace(";", "").replace("--", "")
