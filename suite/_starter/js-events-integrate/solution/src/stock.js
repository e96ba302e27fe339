/** What is free and what is reserved, by article. */
export class Stock {
  #free;
  #held = new Map(); // order id -> [{ article, count }]

  constructor(free) {
    this.#free = new Map(Object.entries(free));
  }

  /** How many of the article are free. */
  free(article) {
    return this.#free.get(article) ?? 0;
  }

  /** Reserves for each line as many as are free. */
  reserve(order) {
    const held = order.lines.map((line) => {
      const count = Math.min(line.count, this.free(line.article));
      this.#free.set(line.article, this.free(line.article) - count);
      return { article: line.article, count };
    });
    this.#held.set(order.id, held);
  }

  /** What could not be reserved of the order, as { article, count }, line by line. */
  missing(order) {
    const held = this.#held.get(order.id) ?? [];
    return order.lines
      .map(({ article, count }, i) => ({ article, count: count - (held[i]?.count ?? 0) }))
      .filter(({ count }) => count > 0);
  }

  /** Gives back what was reserved for the order. */
  release(order) {
    for (const { article, count } of this.#held.get(order.id) ?? []) {
      this.#free.set(article, this.free(article) + count);
    }
    this.#held.delete(order.id);
  }
}
