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

  /** Reserves for each line as many as are free, and notes in it how many: line.reserved. */
  reserve(order) {
    for (const line of order.lines) {
      line.reserved = Math.min(line.count, this.free(line.article));
      this.#free.set(line.article, this.free(line.article) - line.reserved);
    }
    const held = order.lines.map(({ article, reserved }) => ({ article, count: reserved }));
    this.#held.set(order.id, held);
  }

  /** Gives back what was reserved for the order. */
  release(order) {
    for (const { article, count } of this.#held.get(order.id) ?? []) {
      this.#free.set(article, this.free(article) + count);
    }
    this.#held.delete(order.id);
  }
}
