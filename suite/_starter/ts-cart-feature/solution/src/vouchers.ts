import { CartError } from "./errors";

interface Terms {
  readonly code: string;
  /** The voucher counts while the goods come to this many cents or more; 0 if left out. */
  readonly minimum?: number;
}

/** Percent of the goods, or cents. */
export type Voucher =
  | (Terms & { readonly kind: "percent"; readonly percent: number })
  | (Terms & { readonly kind: "amount"; readonly cents: number });

/** The vouchers that the shop takes. A CartError "bad-voucher" for one that cannot be. */
export class VoucherBook {
  private readonly vouchers = new Map<string, Voucher>();

  constructor(vouchers: readonly Voucher[]) {
    for (const voucher of vouchers) {
      const key = keyOf(voucher.code);
      if (!isSound(voucher) || key === "" || this.vouchers.has(key)) {
        throw new CartError("bad-voucher", `bad voucher ${JSON.stringify(voucher.code)}`);
      }
      this.vouchers.set(key, voucher);
    }
  }

  /** The voucher; a CartError "unknown-voucher" if there is none. */
  find(code: string): Voucher {
    const voucher = this.vouchers.get(keyOf(code));
    if (voucher === undefined) throw new CartError("unknown-voucher", `no voucher ${code}`);
    return voucher;
  }
}

/** What the voucher takes off goods of so many cents: never more than they cost. */
export function discountOf(voucher: Voucher | undefined, goods: number): number {
  if (voucher === undefined || goods < (voucher.minimum ?? 0)) return 0;
  if (voucher.kind === "amount") return Math.min(voucher.cents, goods);
  return Math.round((goods * voucher.percent) / 100);
}

function keyOf(code: string): string {
  return code.trim().toUpperCase();
}

function isSound(voucher: Voucher): boolean {
  const minimum = voucher.minimum ?? 0;
  if (!Number.isSafeInteger(minimum) || minimum < 0) return false;
  const size = voucher.kind === "percent" ? voucher.percent : voucher.cents;
  const most = voucher.kind === "percent" ? 100 : Number.MAX_SAFE_INTEGER;
  return Number.isSafeInteger(size) && size >= 1 && size <= most;
}
