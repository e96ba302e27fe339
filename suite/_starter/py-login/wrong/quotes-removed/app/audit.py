"""The log of sign-ins: one event for every attempt, good or bad."""


def record(conn, name, outcome):
    """Append an event. outcome is "ok" or "refused"."""
    conn.execute("INSERT INTO events (name, outcome) VALUES (?, ?)", (name, outcome))
    conn.commit()


def all_events(conn):
    """Return every event as (name, outcome), oldest first."""
    return conn.execute("SELECT name, outcome FROM events ORDER BY id").fetchall()


def events_of(conn, account_id):
    """Return the outcomes of one account's sign-ins, oldest first; [] for an unknown id."""
    row = conn.execute("SELECT name FROM accounts WHERE id = ?", (account_id,)).fetchone()
    if row is None:
        return []
    found = conn.execute("SELECT outcome FROM events WHERE name = ? ORDER BY id", row)
    return [outcome for (outcome,) in found]
