/** Lets `slots` callers in at a time; the others wait in the order in which they came. */
export class Limiter {
  #free;
  #line = [];

  constructor(slots) {
    if (!Number.isInteger(slots) || slots < 1) throw new RangeError(`no number of slots: ${slots}`);
    this.#free = slots;
  }

  /** Resolves when there is a slot. Whoever has one must release it. */
  async acquire() {
    if (this.#free > 0) {
      this.#free -= 1;
      return;
    }
    await new Promise((resolve) => this.#line.push(resolve));
  }

  /** Gives the slot to the next in line. */
  release() {
    const next = this.#line.shift();
    if (next === undefined) this.#free += 1;
    else next();
  }
}
