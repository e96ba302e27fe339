import test from "node:test";
import assert from "node:assert/strict";
import { subject } from "metr";

const { Cart, Catalogue, VoucherBook, loadCart, receiptOf, saveCart, totalsOf } =
  subject.load("src/index.ts");

// codeOf makes a call in the subject and tells the code of the error that it throws.
const { codeOf } = subject.exec(`
  function codeOf(target, method, ...args) {
    try {
      if (method === "new") new target(...args);
      else if (method === "") target(...args);
      else target[method](...args);
    } catch (error) {
      return error.name + " " + error.code;
    }
    return "no error";
  }
`);

const articles = [
  { id: "tea", name: "Tea", price: 499, tax: 7 },
  { id: "mug", name: "Mug", price: 750, tax: 19 },
  { id: "book", name: "Book", price: 650, tax: 0 },
];
const terms = [
  { code: "TEN", kind: "percent", percent: 10 },
  { code: "Euro", kind: "amount", cents: 100 },
  { code: "BIG", kind: "amount", cents: 500, minimum: 1500 },
  { code: "ALL", kind: "percent", percent: 100 },
  { code: "HUGE", kind: "amount", cents: 100000 },
  { code: "HALF", kind: "percent", percent: 50 },
];

const setUp = (counts = {}) => {
  const catalogue = new Catalogue(articles);
  const book = new VoucherBook(terms);
  const cart = new Cart(catalogue, book);
  for (const [id, count] of Object.entries(counts)) cart.add(id, count);
  return { catalogue, book, cart };
};

const sums = (cart) => {
  const { goods, discount, total } = totalsOf(cart);
  return [goods, discount, total];
};

test("typical: percent and amount", () => {
  const { cart } = setUp({ mug: 2 });
  cart.applyVoucher("TEN");
  assert.equal(cart.voucher.code, "TEN");
  assert.deepEqual(sums(cart), [1500, 150, 1350]);
  cart.applyVoucher("Euro");
  assert.equal(cart.voucher.code, "Euro");
  assert.deepEqual(sums(cart), [1500, 100, 1400]);
});

test("typical: the taxes are those of the reduced prices", () => {
  const { cart } = setUp({ tea: 2, mug: 1 });
  cart.applyVoucher("TEN");
  assert.deepEqual(totalsOf(cart).taxes, [
    { rate: 7, amount: 59 },
    { rate: 19, amount: 108 },
  ]);
  cart.applyVoucher("ALL");
  assert.deepEqual(totalsOf(cart).taxes.map(({ amount }) => amount), [0, 0]);
});

test("typical: odd cents of the discount go where split puts them", () => {
  const { cart } = setUp({ mug: 1, tea: 1, book: 1 });
  cart.applyVoucher("Euro");
  assert.deepEqual(totalsOf(cart).taxes, [
    { rate: 0, amount: 0 },
    { rate: 7, amount: 31 },
    { rate: 19, amount: 113 },
  ]);
});

test("typical: the receipt has a row for the voucher", () => {
  const { cart } = setUp({ mug: 2 });
  cart.applyVoucher("ten");
  assert.deepEqual(receiptOf(cart).split("\n").slice(0, 3).map((row) => row.replace(/ {2,}/, "|")), [
    "2 x Mug|15.00",
    "Voucher TEN|-1.50",
    "Total|13.50",
  ]);
  assert.equal(receiptOf(cart).split("\n")[1].length, 32);
});

test("typical: a cart without a voucher is as before", () => {
  const { cart, catalogue } = setUp({ tea: 2, mug: 1 });
  assert.deepEqual(sums(cart), [1748, 0, 1748]);
  assert.equal(cart.voucher, undefined);
  assert.equal(saveCart(cart), '{"version":1,"lines":[["tea",2],["mug",1]]}');
  assert.doesNotMatch(receiptOf(cart), /Voucher/);
  const old = loadCart('{"version":1,"lines":[["tea",2]]}', catalogue);
  assert.deepEqual(sums(old), [998, 0, 998]);
  assert.deepEqual(sums(new Cart(catalogue)), [0, 0, 0]);
});

test("typical: a cart with a voucher is saved and loaded", () => {
  const { cart, catalogue, book } = setUp({ mug: 2 });
  cart.applyVoucher(" euro ");
  const text = saveCart(cart);
  assert.deepEqual(JSON.parse(text), { version: 2, lines: [["mug", 2]], voucher: "Euro" });
  const loaded = loadCart(text, catalogue, book);
  assert.equal(loaded.voucher.code, "Euro");
  assert.deepEqual(sums(loaded), [1500, 100, 1400]);
});

test("edge: codes without regard to case and white space", () => {
  const { cart, book } = setUp({ mug: 1 });
  assert.equal(book.find("  eURO\t").code, "Euro");
  cart.applyVoucher("ALL ");
  assert.equal(cart.voucher.code, "ALL");
});

test("edge: a discount is never larger than the goods", () => {
  const { cart } = setUp({ tea: 1, mug: 1 });
  cart.applyVoucher("HUGE");
  assert.deepEqual(sums(cart), [1249, 1249, 0]);
  const empty = setUp().cart;
  empty.applyVoucher("Euro");
  assert.deepEqual(sums(empty), [0, 0, 0]);
  assert.doesNotMatch(receiptOf(empty), /Voucher/);
});

test("edge: all of it", () => {
  const { cart } = setUp({ tea: 1 });
  cart.applyVoucher("ALL");
  assert.deepEqual(sums(cart), [499, 499, 0]);
});

test("edge: half a cent is rounded up", () => {
  const { cart } = setUp({ tea: 1 });
  cart.applyVoucher("HALF");
  assert.deepEqual(sums(cart), [499, 250, 249]);
});

test("edge: just at the minimum", () => {
  const { cart } = setUp({ mug: 2 });
  cart.applyVoucher("BIG");
  assert.deepEqual(sums(cart), [1500, 500, 1000]);
});

test("state: goods that come and go make a voucher count and cease to", () => {
  const { cart } = setUp({ mug: 1 });
  cart.applyVoucher("BIG");
  assert.equal(cart.voucher.code, "BIG");
  assert.deepEqual(sums(cart), [750, 0, 750]);
  assert.doesNotMatch(receiptOf(cart), /Voucher/);
  cart.add("mug");
  assert.deepEqual(sums(cart), [1500, 500, 1000]);
  cart.setCount("mug", 1);
  assert.deepEqual(sums(cart), [750, 0, 750]);
  assert.equal(cart.voucher.code, "BIG");
  cart.setCount("book", 9);
  assert.deepEqual(sums(cart), [6600, 500, 6100]);
});

test("state: a voucher that does not count at present is saved all the same", () => {
  const { cart, catalogue, book } = setUp({ mug: 1 });
  cart.applyVoucher("BIG");
  const loaded = loadCart(saveCart(cart), catalogue, book);
  loaded.add("mug");
  assert.deepEqual(sums(loaded), [1500, 500, 1000]);
});

test("state: a voucher is taken off", () => {
  const { cart } = setUp({ mug: 2 });
  cart.applyVoucher("TEN");
  cart.removeVoucher();
  assert.equal(cart.voucher, undefined);
  assert.deepEqual(sums(cart), [1500, 0, 1500]);
  assert.equal(JSON.parse(saveCart(cart)).version, 1);
  cart.removeVoucher();
  assert.deepEqual(sums(cart), [1500, 0, 1500]);
});

test("error: an unknown voucher leaves the one before", () => {
  const { cart, book, catalogue } = setUp({ mug: 2 });
  cart.applyVoucher("TEN");
  assert.equal(codeOf(cart, "applyVoucher", "TWENTY"), "CartError unknown-voucher");
  assert.equal(cart.voucher.code, "TEN");
  assert.deepEqual(sums(cart), [1500, 150, 1350]);
  assert.equal(codeOf(book, "find", ""), "CartError unknown-voucher");
  const bare = new Cart(catalogue);
  assert.equal(codeOf(bare, "applyVoucher", "TEN"), "CartError unknown-voucher");
});

test("error: bad vouchers", () => {
  const bad = [
    [{ code: "A", kind: "percent", percent: 0 }],
    [{ code: "A", kind: "percent", percent: 101 }],
    [{ code: "A", kind: "percent", percent: 2.5 }],
    [{ code: "A", kind: "amount", cents: 0 }],
    [{ code: "A", kind: "amount", cents: -5 }],
    [{ code: "A", kind: "amount", cents: 0.5 }],
    [{ code: "A", kind: "amount", cents: 5, minimum: -1 }],
    [{ code: "A", kind: "amount", cents: 5, minimum: 0.5 }],
    [{ code: "  ", kind: "amount", cents: 5 }],
    [{ code: "ten", kind: "amount", cents: 5 }, { code: "TEN ", kind: "amount", cents: 6 }],
  ];
  for (const vouchers of bad) {
    const got = codeOf(VoucherBook, "new", vouchers);
    assert.equal(got, "CartError bad-voucher", JSON.stringify(vouchers));
  }
  const edge = [{ code: "A", kind: "percent", percent: 1 }, { code: "B", kind: "amount", cents: 1 }];
  assert.equal(codeOf(VoucherBook, "new", edge), "no error");
  assert.equal(codeOf(VoucherBook, "new", []), "no error");
});

test("error: a voucher that is gone is left out", () => {
  const { catalogue, book } = setUp();
  const text = '{"version":2,"lines":[["mug",2]],"voucher":"OLD"}';
  const loaded = loadCart(text, catalogue, book);
  assert.equal(loaded.voucher, undefined);
  assert.deepEqual(sums(loaded), [1500, 0, 1500]);
  const bare = loadCart('{"version":2,"lines":[["mug",2]],"voucher":"TEN"}', catalogue);
  assert.equal(bare.voucher, undefined);
});

test("error: bad data", () => {
  const { catalogue, book } = setUp();
  for (const text of [
    '{"version":2,"lines":[]}',
    '{"version":2,"lines":[],"voucher":7}',
    '{"version":2,"lines":[],"voucher":null}',
    '{"version":2,"voucher":"TEN"}',
    '{"version":3,"lines":[],"voucher":"TEN"}',
    '{"version":2,"lines":[["mug",-1]],"voucher":"TEN"}',
    "{",
    "null",
  ]) {
    assert.equal(codeOf(loadCart, "", text, catalogue, book), "CartError bad-data", text);
  }
});
