import assert from "node:assert/strict";
import test from "node:test";
import { Cart, CartError, Catalogue, loadCart, receiptOf, saveCart, split, totalsOf } from "../src";

const catalogue = new Catalogue([
  { id: "tea", name: "Tea", price: 499, tax: 7 },
  { id: "mug", name: "Mug", price: 1250, tax: 19 },
]);

const filled = () => {
  const cart = new Cart(catalogue);
  cart.add("mug");
  cart.add("tea", 2);
  return cart;
};

test("totals", () => {
  const { goods, total, taxes } = totalsOf(filled());
  assert.deepEqual({ goods, total }, { goods: 2248, total: 2248 });
  assert.deepEqual(taxes, [{ rate: 7, amount: 65 }, { rate: 19, amount: 200 }]);
});

test("receipt", () => {
  assert.equal(receiptOf(filled()), [
    "1 x Mug                    12.50",
    "2 x Tea                     9.98",
    "Total                      22.48",
    "  tax 7%                    0.65",
    "  tax 19%                   2.00",
    "",
  ].join("\n"));
});

test("a cart is kept and read again", () => {
  const text = '{"version":1,"lines":[["mug",1],["tea",2]]}';
  assert.equal(saveCart(filled()), text);
  assert.deepEqual(loadCart(text, catalogue).lines, filled().lines);
  assert.equal(loadCart('{"version":1,"lines":[["gone",1],["tea",2]]}', catalogue).lines.length, 1);
  assert.throws(() => loadCart("{}", catalogue), CartError);
});

test("what is not there or no count is refused", () => {
  assert.throws(() => filled().add("rug"), { code: "unknown-article" });
  assert.throws(() => filled().setCount("tea", -1), { code: "bad-count" });
});

test("split adds up", () => {
  assert.deepEqual(split(100, [1, 1, 1]), [34, 33, 33]);
  assert.deepEqual(split(5, [0, 3, 7]), [0, 2, 3]);
});
