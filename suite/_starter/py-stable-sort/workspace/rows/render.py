"""Tables as text."""


def render(records, fields):
    """Return the records as lines of aligned columns under a heading; None is printed as -."""
    lines = [list(fields)]
    for record in records:
        cells = (record.get(field) for field in fields)
        lines.append(["-" if cell is None else str(cell) for cell in cells])
    widths = [max(len(line[i]) for line in lines) for i in range(len(fields))]
    padded = ("  ".join(cell.ljust(width) for cell, width in zip(line, widths)) for line in lines)
    return "\n".join(line.rstrip() for line in padded)
