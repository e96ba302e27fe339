neg = lambda a: 0 - a
