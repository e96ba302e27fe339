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
 * A binary heap of entries, each of which knows its place. Every change first finds, without
 * moving anything, the places that entries will move along; what compare may throw comes before
 * the first write.
 */
export class PriorityQueue {
  #compare;
  #heap = [];
  #entries = new Map(); // handle -> entry
  #pushed = 0;

  /** Throws a TypeError if compare is not a function. */
  constructor(compare) {
    if (typeof compare !== "function") throw new TypeError("compare must be a function");
    this.#compare = compare;
  }

  /** The number of entries. */
  get size() {
    return this.#heap.length;
  }

  /** Adds a value, whatever it is (undefined too), and returns the entry's handle. */
  push(value) {
    const entry = { value, age: this.#pushed, place: -1, handle: new Ticket() };
    const path = this.#pathUp(entry, this.#heap.length);
    this.#pushed += 1;
    this.#entries.set(entry.handle, entry);
    this.#shift(entry, path);
    return entry.handle;
  }

  /** The value that pop would return, or undefined if the queue is empty. */
  peek() {
    return this.#heap[0]?.value;
  }

  /** Takes out the first value and returns it; undefined if the queue is empty. */
  pop() {
    return this.#heap.length === 0 ? undefined : this.#takeOut(this.#heap[0]);
  }

  /** Whether the handle stands for an entry that is still in this queue. False for non-handles. */
  has(handle) {
    return this.#entries.has(handle);
  }

  /** Takes out the handle's entry and returns its value. RangeError unless has(handle). */
  remove(handle) {
    return this.#takeOut(this.#entry(handle));
  }

  /**
   * Gives the handle's entry a new value, and its place accordingly. The handle stays good, and
   * the entry keeps its age: among equals it still counts from when it was pushed. RangeError
   * unless has(handle).
   */
  update(handle, value) {
    const entry = this.#entry(handle);
    const changed = { ...entry, value };
    const path = this.#path(changed, entry.place, this.#heap.length);
    this.#entries.set(handle, changed);
    this.#shift(changed, path);
  }

  /** All values in the order in which pop would return them. The queue is not changed. */
  toArray() {
    return [...this.#heap].sort((a, b) => this.#order(a, b)).map((entry) => entry.value);
  }

  #entry(handle) {
    const entry = this.#entries.get(handle);
    if (entry === undefined) throw new RangeError("the handle stands for no entry of this queue");
    return entry;
  }

  #order(a, b) {
    return this.#compare(a.value, b.value);
  }

  /** The last entry fills the place that entry leaves. */
  #takeOut(entry) {
    const size = this.#heap.length - 1;
    const last = this.#heap[size];
    const path = last === entry ? null : this.#path(last, entry.place, size);
    this.#heap.pop();
    this.#entries.delete(entry.handle);
    if (path) this.#shift(last, path);
    return entry.value;
  }

  /** The places from `place` to where entry belongs in the first `size` places, up or down. */
  #path(entry, place, size) {
    const up = this.#pathUp(entry, place);
    return up.length > 1 ? up : this.#pathDown(entry, place, size);
  }

  #pathUp(entry, place) {
    const path = [place];
    let at = place;
    while (at > 0) {
      at = (at - 1) >> 1;
      if (this.#order(entry, this.#heap[at]) >= 0) break;
      path.push(at);
    }
    return path;
  }

  #pathDown(entry, place, size) {
    const path = [place];
    let at = 2 * place + 1;
    while (at < size) {
      if (at + 1 < size && this.#order(this.#heap[at + 1], this.#heap[at]) < 0) at += 1;
      if (this.#order(entry, this.#heap[at]) <= 0) break;
      path.push(at);
      at = 2 * at + 1;
    }
    return path;
  }

  /** Moves the entries along the path one place back and puts entry at its end. */
  #shift(entry, path) {
    for (let i = 0; i + 1 < path.length; i += 1) this.#put(this.#heap[path[i + 1]], path[i]);
    this.#put(entry, path[path.length - 1]);
  }

  #put(entry, place) {
    this.#heap[place] = entry;
    entry.place = place;
  }
}
