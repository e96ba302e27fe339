def neg(a):
    return f"{-a}"
