/** A handle. What is in it is the queue's own affair; others keep it and pass it back. */
export class Ticket {}

/**
 * A priority queue whose entries can be changed and removed while they wait.
 *
 * - `compare(a, b)` says which of two values comes out first (see README). Among values that it
 *   calls equal, the one that was pushed first comes out first.
 * - `push` returns a handle, a new `Ticket`, that stands for the entry until it leaves the queue.
 *   The same value may be pushed twice and has two handles then.
 * - `push`, `pop`, `remove` and `update` call `compare` at most 4 * ceil(log2(n + 1)) times for n
 *   entries; `peek`, `size` and `has` never call it.
 * - If `compare` throws, that error goes to the caller, and the queue is as it was before the
 *   call.
 *
 * A sorted array, last one out first: two entries never compare equal, because age decides, so
 * binary search finds the place of any of them.
 */
export class PriorityQueue {
  #order;
  #sorted = []; // the first to come out is at the end
  #entries = new Map();
  #pushed = 0;

  /** Throws a TypeError if compare is not a function. */
  constructor(compare) {
    if (typeof compare !== "function") throw new TypeError("PriorityQueue needs a comparator");
    this.#order = (a, b) => compare(a.value, b.value) || a.age - b.age;
  }

  /** The number of entries. */
  get size() {
    return this.#sorted.length;
  }

  /** Adds a value, whatever it is (undefined too), and returns the entry's handle. */
  push(value) {
    const entry = { value, age: this.#pushed };
    this.#sorted.splice(this.#place(entry), 0, entry);
    this.#pushed += 1;
    const handle = new Ticket();
    this.#entries.set(handle, entry);
    entry.handle = handle;
    return handle;
  }

  /** The value that pop would return, or undefined if the queue is empty. */
  peek() {
    return this.#sorted.at(-1)?.value;
  }

  /** Takes out the first value and returns it; undefined if the queue is empty. */
  pop() {
    const entry = this.#sorted.pop();
    if (entry === undefined) return undefined;
    this.#entries.delete(entry.handle);
    return entry.value;
  }

  /** Whether the handle stands for an entry that is still in this queue. False for non-handles. */
  has(handle) {
    return this.#entries.has(handle);
  }

  /** Takes out the handle's entry and returns its value. RangeError unless has(handle). */
  remove(handle) {
    const entry = this.#find(handle);
    this.#sorted.splice(this.#place(entry), 1);
    this.#entries.delete(handle);
    return entry.value;
  }

  /**
   * Gives the handle's entry a new value, and its place accordingly. The handle stays good, and
   * the entry keeps its age: among equals it still counts from when it was pushed. RangeError
   * unless has(handle).
   */
  update(handle, value) {
    const old = this.#find(handle);
    const from = this.#place(old);
    this.#sorted.splice(from, 1);
    try {
      const entry = { ...old, value };
      this.#sorted.splice(this.#place(entry), 0, entry);
      this.#entries.set(handle, entry);
    } catch (error) {
      this.#sorted.splice(from, 0, old);
      throw error;
    }
  }

  /** All values in the order in which pop would return them. The queue is not changed. */
  toArray() {
    return this.#sorted.map((entry) => entry.value).reverse();
  }

  #find(handle) {
    if (!this.#entries.has(handle)) throw new RangeError("no such entry in this queue");
    return this.#entries.get(handle);
  }

  /** Where the entry is, or belongs. */
  #place(entry) {
    let low = 0;
    let high = this.#sorted.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (this.#sorted[middle] !== entry && this.#order(entry, this.#sorted[middle]) < 0) {
        low = middle + 1;
      } else {
        high = middle;
      }
    }
    return low;
  }
}
