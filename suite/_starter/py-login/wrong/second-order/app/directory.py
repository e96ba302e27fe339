"""The directory that members search."""

ORDERS = ("name", "city", "joined")


def _literal(text):
    """Escape what LIKE would read as a pattern."""
    return text.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")


def search(conn, text="", order_by="name", descending=False, limit=20):
    """Return the members whose name contains text, as dicts with id, name and city.

    Upper and lower case of the letters A to Z are not told apart. order_by is one of
    "name", "city" and "joined"; members that are equal there come by id. At most limit
    members are returned.

    Raises ValueError for another order_by.
    """
    if order_by not in ORDERS:
        raise ValueError(f"order_by is {order_by!r}, expected one of {', '.join(ORDERS)}")
    direction = "DESC" if descending else "ASC"
    rows = conn.execute(
        "SELECT id, name, city FROM accounts WHERE name LIKE ? ESCAPE '\\' "
        f"ORDER BY {order_by} {direction}, id LIMIT ?",
        (f"%{_literal(text)}%", limit),
    )
    return [{"id": row[0], "name": row[1], "city": row[2]} for row in rows]
