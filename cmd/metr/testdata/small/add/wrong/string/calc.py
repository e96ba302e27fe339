def add(a, b):
    return f"{a + b}"
