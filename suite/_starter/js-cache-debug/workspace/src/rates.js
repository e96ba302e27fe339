import { AsyncCache } from "./cache.js";

/**
 * Exchange rates. `fetchRate(from, to)` asks the service and gives a promise of a number.
 * Times are milliseconds.
 */
export function createRates({ fetchRate, ttl = 60_000, parallel, now }) {
  const cache = new AsyncCache({
    load: (pair) => fetchRate(...pair.split("/")),
    ttl,
    parallel,
    now,
  });
  const rate = async (from, to) => (from === to ? 1 : cache.get(`${from}/${to}`));

  return {
    rate,

    /** What an amount is in another currency. */
    async convert(amount, from, to) {
      return amount * (await rate(from, to));
    },

    /** What several amounts, as [amount, currency], are together. */
    async total(amounts, to) {
      const parts = await Promise.all(
        amounts.map(async ([amount, from]) => amount * (await rate(from, to))),
      );
      return parts.reduce((sum, part) => sum + part, 0);
    },

    /** Puts right a rate that the service has wrong, until it expires. */
    correct(from, to, value) {
      cache.set(`${from}/${to}`, value);
    },

    /** The service says that a rate has changed. */
    changed(from, to) {
      cache.invalidate(`${from}/${to}`);
    },
  };
}
