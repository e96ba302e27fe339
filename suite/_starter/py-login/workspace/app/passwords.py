"""Salts and digests of passwords."""

import hashlib
import secrets

ROUNDS = 2000


def new_salt():
    """Return a fresh salt in hexadecimal."""
    return secrets.token_hex(8)


def digest(password, salt):
    """Return the digest of a password under a salt, in hexadecimal."""
    raw = hashlib.pbkdf2_hmac("sha256", password.encode("utf-8"), salt.encode("ascii"), ROUNDS)
    return raw.hex()
