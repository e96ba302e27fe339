import { Limiter } from "./limiter.js";

/**
 * Values that are loaded when they are asked for, and kept for a while.
 *
 * - `load(key)` brings the value, or a promise of it. It may throw or reject.
 * - A value is fresh until `ttl` milliseconds after its load ended; `now()` is the time.
 * - No key has two useful loads under way at once: whoever asks for a key while it is being
 *   loaded, or while its load waits for a slot, gets what that load brings.
 * - No more than `parallel` loads run at once.
 * - A load that fails is not remembered: those who waited for it get the error, and the next one
 *   who asks starts another.
 * - Keys are compared as a Map does. Any value may be kept, undefined and null too.
 */
export class AsyncCache {
  #load;
  #ttl;
  #now;
  #limiter;
  #records = new Map(); // key -> { promise, value, expires }; expires is Infinity while it loads

  constructor({ load, ttl, parallel = 4, now = Date.now }) {
    this.#load = load;
    this.#ttl = ttl;
    this.#now = now;
    this.#limiter = new Limiter(parallel);
  }

  /** A promise of the value: the one that is kept if it is fresh, else a loaded one. */
  async get(key) {
    const record = this.#records.get(key);
    if (record !== undefined && this.#now() < record.expires) return record.promise;
    const fresh = { value: undefined, expires: Infinity };
    this.#records.set(key, fresh);
    fresh.promise = this.#fill(key, fresh);
    return fresh.promise;
  }

  /** The value that is kept, if it is fresh; else undefined. Loads nothing. */
  peek(key) {
    const record = this.#records.get(key);
    return record !== undefined && this.#now() < record.expires ? record.value : undefined;
  }

  /**
   * Keeps a value that was found elsewhere, as if it had been loaded just now. It is newer than
   * what a load brings that began before.
   */
  set(key, value) {
    const expires = this.#now() + this.#ttl;
    this.#records.set(key, { promise: Promise.resolve(value), value, expires });
  }

  /**
   * Forgets the key: the source has changed. Who asks from now on gets what a load brings that
   * began after this; who is waiting already gets what was on its way.
   */
  invalidate(key) {
    this.#records.delete(key);
  }

  /** Loads into a record. One that is no longer in the map is filled all the same: no harm. */
  async #fill(key, record) {
    await this.#limiter.acquire();
    try {
      record.value = await this.#load(key);
      record.expires = this.#now() + this.#ttl;
      return record.value;
    } catch (error) {
      if (this.#records.get(key) === record) this.#records.delete(key);
      throw error;
    } finally {
      this.#limiter.release();
    }
  }
}
