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
  #kept = new Map(); // key -> { value, expires }
  #loading = new Map(); // key -> promise of the load that counts; older ones are not in it

  constructor({ load, ttl, parallel = 4, now = Date.now }) {
    this.#load = load;
    this.#ttl = ttl;
    this.#now = now;
    this.#limiter = new Limiter(parallel);
  }

  /** A promise of the value: the one that is kept if it is fresh, else a loaded one. */
  async get(key) {
    if (this.#isFresh(key)) return this.#kept.get(key).value;
    return this.#loading.get(key) ?? this.#refresh(key);
  }

  /** The value that is kept, if it is fresh; else undefined. Loads nothing. */
  peek(key) {
    return this.#isFresh(key) ? this.#kept.get(key).value : undefined;
  }

  /**
   * Keeps a value that was found elsewhere, as if it had been loaded just now. It is newer than
   * what a load brings that began before.
   */
  set(key, value) {
    this.#loading.delete(key);
    this.#keep(key, value);
  }

  /**
   * Forgets the key: the source has changed. Who asks from now on gets what a load brings that
   * began after this; who is waiting already gets what was on its way.
   */
  invalidate(key) {
    this.#loading.delete(key);
    this.#kept.delete(key);
  }

  #isFresh(key) {
    const entry = this.#kept.get(key);
    return entry !== undefined && this.#now() < entry.expires;
  }

  #keep(key, value) {
    this.#kept.set(key, { value, expires: this.#now() + this.#ttl });
  }

  /** Starts a load. It counts from this moment on, also while it waits for a slot. */
  #refresh(key) {
    const counts = () => this.#loading.get(key) === promise;
    const promise = this.#loadInSlot(key).then(
      (value) => {
        if (counts()) this.#keep(key, value);
        this.#loading.delete(key);
        return value;
      },
      (error) => {
        this.#loading.delete(key);
        throw error;
      },
    );
    this.#loading.set(key, promise);
    return promise;
  }

  async #loadInSlot(key) {
    await this.#limiter.acquire();
    try {
      return await this.#load(key);
    } finally {
      this.#limiter.release();
    }
  }
}
