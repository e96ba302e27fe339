import { CartError } from "./errors";

export type Voucher = {
  readonly code: string;
  readonly minimum?: number;
} & (
  | { readonly kind: "percent"; readonly percent: number }
  | { readonly kind: "amount"; readonly cents: number }
);

const normal = (code: string) => code.trim().toLowerCase();
const isCount = (value: number, least: number) => Number.isSafeInteger(value) && value >= least;

/** The vouchers that the shop takes. */
export class VoucherBook {
  readonly #byCode: ReadonlyMap<string, Voucher>;

  constructor(vouchers: readonly Voucher[]) {
    for (const voucher of vouchers) check(voucher);
    this.#byCode = new Map(vouchers.map((voucher) => [normal(voucher.code), voucher]));
    if (this.#byCode.size < vouchers.length) {
      throw new CartError("bad-voucher", "two vouchers have the same code");
    }
  }

  find(code: string): Voucher {
    const found = this.#byCode.get(normal(code));
    if (found) return found;
    throw new CartError("unknown-voucher", `voucher ${code} is not known`);
  }

  has(code: string): boolean {
    return this.#byCode.has(normal(code));
  }
}

function check(voucher: Voucher): void {
  const { code, minimum = 0 } = voucher;
  const sound =
    voucher.kind === "percent"
      ? isCount(voucher.percent, 1) && voucher.percent <= 100
      : isCount(voucher.cents, 1);
  if (sound && isCount(minimum, 0) && normal(code) !== "") return;
  throw new CartError("bad-voucher", `voucher ${code} makes no sense`);
}
