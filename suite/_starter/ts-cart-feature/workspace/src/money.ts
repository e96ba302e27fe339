/** Cents as text: 1999 is "19.99". */
export function formatMoney(cents: number): string {
  const sign = cents < 0 ? "-" : "";
  const digits = String(Math.abs(cents)).padStart(3, "0");
  return `${sign}${digits.slice(0, -2)}.${digits.slice(-2)}`;
}

/**
 * Splits an amount in proportion to the weights, in whole cents that add up to the amount. The
 * cents that rounding down leaves go one each to the largest remainders, the earlier weight first
 * among equals. Weights are not negative; if all are zero the amount must be zero, too.
 */
export function split(amount: number, weights: readonly number[]): number[] {
  const sum = weights.reduce((total, weight) => total + weight, 0);
  if (sum === 0) return weights.map(() => 0);
  const parts = weights.map((weight) => Math.floor((amount * weight) / sum));
  const order = weights
    .map((weight, index) => ({ index, remainder: (amount * weight) % sum }))
    .sort((a, b) => b.remainder - a.remainder || a.index - b.index);
  const left = amount - parts.reduce((total, part) => total + part, 0);
  for (const { index } of order.slice(0, left)) parts[index] += 1;
  return parts;
}
