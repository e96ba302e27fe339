import type { Cart } from "./cart";
import { split } from "./money";

export interface Totals {
  /** Sum of all lines, cents. */
  readonly goods: number;
  /** What the voucher takes off, cents. */
  readonly discount: number;
  /** What is to be paid, cents. */
  readonly total: number;
  /** The tax that the total contains, cents, by rate in percent, lowest rate first. */
  readonly taxes: readonly { readonly rate: number; readonly amount: number }[];
}

/**
 * What the cart costs. The discount is split over the tax rates in proportion to their goods. The
 * tax is computed for all lines of a rate together, and rounded.
 */
export function totalsOf(cart: Cart): Totals {
  const byRate = new Map<number, number>();
  let goods = 0;
  for (const { article, count } of cart.lines) {
    const amount = article.price * count;
    goods += amount;
    byRate.set(article.tax, (byRate.get(article.tax) ?? 0) + amount);
  }
  const { discount } = cart;
  return { goods, discount, total: goods - discount, taxes: taxesIn(byRate, discount) };
}

function taxesIn(byRate: Map<number, number>, discount: number): Totals["taxes"] {
  const rows = [...byRate].sort(([a], [b]) => a - b);
  const off = split(discount, rows.map(([, gross]) => gross));
  return rows.map(([rate, gross], i) => ({
    rate,
    amount: Math.round(((gross - off[i]) * rate) / (100 + rate)),
  }));
}
