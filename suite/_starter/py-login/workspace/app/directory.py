"""The directory that members search."""


def search(conn, text="", order_by="name", descending=False, limit=20):
    """Return the members whose name contains text, as dicts with id, name and city.

    Upper and lower case of the letters A to Z are not told apart. order_by is one of
    "name", "city" and "joined"; members that are equal there come by id. At most limit
    members are returned.
    """
    direction = "DESC" if descending else "ASC"
    rows = conn.execute(
        f"SELECT id, name, city FROM accounts WHERE name LIKE '%{text}%' "
        f"ORDER BY {order_by} {direction}, id LIMIT ?",
        (limit,),
    )
    return [{"id": row[0], "name": row[1], "city": row[2]} for row in rows]
