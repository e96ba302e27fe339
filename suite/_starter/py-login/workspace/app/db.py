"""The SQLite file that holds the members."""

import sqlite3

SCHEMA = """
CREATE TABLE IF NOT EXISTS accounts (
    id     INTEGER PRIMARY KEY,
    name   TEXT NOT NULL UNIQUE,
    city   TEXT NOT NULL,
    joined INTEGER NOT NULL,
    salt   TEXT NOT NULL,
    digest TEXT NOT NULL
);
CREATE TABLE IF NOT EXISTS events (
    id      INTEGER PRIMARY KEY,
    name    TEXT NOT NULL,
    outcome TEXT NOT NULL
);
"""


def connect(path=":memory:"):
    """Open the file, create what is missing and return the connection."""
    conn = sqlite3.connect(path)
    conn.executescript(SCHEMA)
    return conn
