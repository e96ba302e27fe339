import type { Cart } from "./cart";
import { formatMoney } from "./money";
import { totalsOf } from "./totals";

const width = 32;

/** The cart as text: a line for each article, the voucher, the total, the taxes in it. */
export function receiptOf(cart: Cart): string {
  const { discount, total, taxes } = totalsOf(cart);
  const rows = cart.lines.map(({ article, count }) =>
    row(`${count} x ${article.name}`, formatMoney(article.price * count)),
  );
  if (discount > 0) rows.push(row(`Voucher ${cart.voucher?.code}`, formatMoney(-discount)));
  rows.push(row("Total", formatMoney(total)));
  for (const { rate, amount } of taxes) rows.push(row(`  tax ${rate}%`, formatMoney(amount)));
  return rows.join("\n") + "\n";
}

function row(left: string, right: string): string {
  return left + right.padStart(Math.max(width - left.length, right.length + 1));
}
