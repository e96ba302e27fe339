"""Accounts of members."""

import sqlite3

from app import audit, passwords


class DuplicateName(ValueError):
    """The name is taken."""


def register(conn, name, password, city="", joined=0):
    """Create an account and return its id. Raises DuplicateName if the name is taken."""
    salt = passwords.new_salt()
    values = (name, city, joined, salt, passwords.digest(password, salt))
    try:
        cursor = conn.execute(
            "INSERT INTO accounts (name, city, joined, salt, digest) VALUES (?, ?, ?, ?, ?)", values
        )
    except sqlite3.IntegrityError:
        raise DuplicateName(name) from None
    conn.commit()
    return cursor.lastrowid


def login(conn, name, password):
    """Return the id of the account if name and password are right, else None.

    The name is compared exactly. Every attempt is written to the log under the name
    as it was typed.
    """
    row = conn.execute("SELECT salt FROM accounts WHERE name = ?", (name,)).fetchone()
    found = None
    if row is not None:
        digest = passwords.digest(password, row[0])
        found = conn.execute(
            "SELECT id FROM accounts WHERE name = ? AND digest = ?", (name, digest)
        ).fetchone()
    audit.record(conn, name, "refused" if found is None else "ok")
    return None if found is None else found[0]


def change_city(conn, account_id, city):
    """Set the city of an account. Returns whether there is such an account."""
    cursor = conn.execute("UPDATE accounts SET city = ? WHERE id = ?", (city, account_id))
    conn.commit()
    return cursor.rowcount == 1


def city_of(conn, account_id):
    """Return the city of an account, None for an unknown id."""
    row = conn.execute("SELECT city FROM accounts WHERE id = ?", (account_id,)).fetchone()
    return None if row is None else row[0]
