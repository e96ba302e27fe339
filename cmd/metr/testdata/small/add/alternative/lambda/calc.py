add = lambda a, b: b + a
