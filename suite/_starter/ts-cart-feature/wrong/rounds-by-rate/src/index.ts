export { Cart, type Line } from "./cart";
export { Catalogue, type Article } from "./catalogue";
export { CartError, type CartCode } from "./errors";
export { formatMoney, split } from "./money";
export { receiptOf } from "./receipt";
export { loadCart, saveCart } from "./storage";
export { totalsOf, type Totals } from "./totals";
export { VoucherBook, type Voucher } from "./vouchers";
