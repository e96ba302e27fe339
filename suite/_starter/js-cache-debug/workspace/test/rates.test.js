import assert from "node:assert/strict";
import test from "node:test";
import { createRates } from "../src/rates.js";

const table = { "EUR/USD": 1.25, "CHF/USD": 1.5 };
const fetchRate = async (from, to) => table[`${from}/${to}`];

test("converts and adds up", async () => {
  const rates = createRates({ fetchRate });
  assert.equal(await rates.convert(4, "EUR", "USD"), 5);
  assert.equal(await rates.convert(4, "USD", "USD"), 4);
  assert.equal(await rates.total([[4, "EUR"], [2, "CHF"], [1, "USD"]], "USD"), 9);
});

test("a corrected rate is used", async () => {
  const rates = createRates({ fetchRate });
  rates.correct("EUR", "USD", 2);
  assert.equal(await rates.convert(4, "EUR", "USD"), 8);
});
