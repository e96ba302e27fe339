/** A comparator by the number or string that `key` returns, smallest first. */
export function by(key) {
  return (a, b) => {
    const left = key(a);
    const right = key(b);
    if (left < right) return -1;
    return left > right ? 1 : 0;
  };
}

/** The comparator the other way round. Equals stay equals. */
export function reverse(compare) {
  return (a, b) => compare(b, a);
}

/** Asks each comparator in turn until one of them decides. */
export function chain(...comparators) {
  return (a, b) => {
    for (const compare of comparators) {
      const order = compare(a, b);
      if (order !== 0) return order;
    }
    return 0;
  };
}
