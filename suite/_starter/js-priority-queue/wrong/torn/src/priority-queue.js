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
 */
export class PriorityQueue {
  #compare;
  #heap = [];
  #entries = new Map();
  #age = 0;

  constructor(compare) {
    if (typeof compare !== "function") throw new TypeError("compare must be a function");
    this.#compare = compare;
  }

  get size() {
    return this.#heap.length;
  }

  push(value) {
    const handle = new Ticket();
    const entry = { handle, value, age: this.#age, place: this.#heap.length };
    this.#age += 1;
    this.#heap.push(entry);
    this.#entries.set(handle, entry);
    this.#up(entry.place);
    return handle;
  }

  peek() {
    return this.#heap[0]?.value;
  }

  pop() {
    return this.#heap.length === 0 ? undefined : this.remove(this.#heap[0].handle);
  }

  has(handle) {
    return this.#entries.has(handle);
  }

  remove(handle) {
    const entry = this.#find(handle);
    const { place } = entry;
    const last = this.#heap.length - 1;
    this.#swap(place, last);
    this.#heap.pop();
    this.#entries.delete(handle);
    if (place < last) this.#settle(place);
    return entry.value;
  }

  update(handle, value) {
    const entry = this.#find(handle);
    entry.value = value;
    this.#settle(entry.place);
  }

  toArray() {
    return [...this.#heap].sort((a, b) => this.#order(a, b)).map((entry) => entry.value);
  }

  #find(handle) {
    const entry = this.#entries.get(handle);
    if (!entry) throw new RangeError("unknown handle");
    return entry;
  }

  #order(a, b) {
    return this.#compare(a.value, b.value) || a.age - b.age;
  }

  #settle(place) {
    this.#down(this.#up(place));
  }

  #up(place) {
    let at = place;
    while (at > 0) {
      const parent = (at - 1) >> 1;
      if (this.#order(this.#heap[at], this.#heap[parent]) >= 0) break;
      this.#swap(at, parent);
      at = parent;
    }
    return at;
  }

  #down(place) {
    let at = place;
    for (;;) {
      let least = at;
      for (const child of [2 * at + 1, 2 * at + 2]) {
        if (child >= this.#heap.length) continue;
        if (this.#order(this.#heap[child], this.#heap[least]) < 0) least = child;
      }
      if (least === at) return;
      this.#swap(at, least);
      at = least;
    }
  }

  #swap(i, j) {
    [this.#heap[i], this.#heap[j]] = [this.#heap[j], this.#heap[i]];
    this.#heap[i].place = i;
    this.#heap[j].place = j;
  }
}
