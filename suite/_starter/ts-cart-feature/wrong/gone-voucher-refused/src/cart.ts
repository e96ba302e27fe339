import type { Article, Catalogue } from "./catalogue";
import { CartError } from "./errors";
import { type Voucher, VoucherBook } from "./vouchers";

export interface Line {
  readonly article: Article;
  readonly count: number;
}

/** A basket: articles and how many of each, in the order in which they were first put in. */
export class Cart {
  readonly catalogue: Catalogue;
  private readonly vouchers: VoucherBook;
  private readonly counts = new Map<string, number>();
  private applied: Voucher | undefined;

  constructor(catalogue: Catalogue, vouchers = new VoucherBook([])) {
    this.catalogue = catalogue;
    this.vouchers = vouchers;
  }

  /** The voucher that was applied, whether it counts at present or not. */
  get voucher(): Voucher | undefined {
    return this.applied;
  }

  /** Applies the voucher with this code in place of the one before. */
  applyVoucher(code: string): void {
    this.applied = this.vouchers.find(code);
  }

  removeVoucher(): void {
    this.applied = undefined;
  }

  /** Puts in more of an article. */
  add(id: string, count = 1): void {
    this.setCount(id, (this.counts.get(id) ?? 0) + count);
  }

  /** Sets how many there are of an article; 0 takes it out. */
  setCount(id: string, count: number): void {
    this.catalogue.find(id);
    if (!Number.isSafeInteger(count) || count < 0) {
      throw new CartError("bad-count", `cannot have ${count} of ${id}`);
    }
    if (count === 0) this.counts.delete(id);
    else this.counts.set(id, count);
  }

  get lines(): Line[] {
    return [...this.counts].map(([id, count]) => ({ article: this.catalogue.find(id), count }));
  }
}
