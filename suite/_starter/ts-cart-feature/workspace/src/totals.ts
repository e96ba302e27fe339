import type { Cart } from "./cart";

export interface Totals {
  /** Sum of all lines, cents. */
  readonly goods: number;
  /** What is to be paid, cents. */
  readonly total: number;
  /** The tax that the total contains, cents, by rate in percent, lowest rate first. */
  readonly taxes: readonly { readonly rate: number; readonly amount: number }[];
}

/** What the cart costs. The tax is computed for all lines of a rate together, and rounded. */
export function totalsOf(cart: Cart): Totals {
  const byRate = new Map<number, number>();
  let goods = 0;
  for (const { article, count } of cart.lines) {
    const amount = article.price * count;
    goods += amount;
    byRate.set(article.tax, (byRate.get(article.tax) ?? 0) + amount);
  }
  return { goods, total: goods, taxes: taxesIn(byRate) };
}

function taxesIn(byRate: Map<number, number>): Totals["taxes"] {
  return [...byRate]
    .sort(([a], [b]) => a - b)
    .map(([rate, gross]) => ({ rate, amount: Math.round((gross * rate) / (100 + rate)) }));
}
