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
  /** Throws a TypeError if compare is not a function. */
  constructor(compare) {
    throw new Error("not implemented");
  }

  /** The number of entries. */
  get size() {
    throw new Error("not implemented");
  }

  /** Adds a value, whatever it is (undefined too), and returns the entry's handle. */
  push(value) {
    throw new Error("not implemented");
  }

  /** The value that pop would return, or undefined if the queue is empty. */
  peek() {
    throw new Error("not implemented");
  }

  /** Takes out the first value and returns it; undefined if the queue is empty. */
  pop() {
    throw new Error("not implemented");
  }

  /** Whether the handle stands for an entry that is still in this queue. False for non-handles. */
  has(handle) {
    throw new Error("not implemented");
  }

  /** Takes out the handle's entry and returns its value. RangeError unless has(handle). */
  remove(handle) {
    throw new Error("not implemented");
  }

  /**
   * Gives the handle's entry a new value, and its place accordingly. The handle stays good, and
   * the entry keeps its age: among equals it still counts from when it was pushed. RangeError
   * unless has(handle).
   */
  update(handle, value) {
    throw new Error("not implemented");
  }

  /** All values in the order in which pop would return them. The queue is not changed. */
  toArray() {
    throw new Error("not implemented");
  }
}
