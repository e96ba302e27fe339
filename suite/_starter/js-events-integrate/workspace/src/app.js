import { Journal } from "./journal.js";
import { Mailer } from "./mailer.js";
import { OrderDesk } from "./orders.js";
import { Stock } from "./stock.js";

/** Puts the parts together. `free` is the stock at the start, by article. */
export function createApp({ free, send }) {
  const stock = new Stock(free);
  const mailer = new Mailer(send);
  const journal = new Journal();
  const desk = new OrderDesk({ stock, mailer, journal });
  return { desk, stock, journal };
}
