import { createBus } from "courier-bus";
import { Journal } from "./journal.js";
import { Mailer } from "./mailer.js";
import { OrderDesk } from "./orders.js";
import { Stock } from "./stock.js";

/**
 * Puts the parts together. `free` is the stock at the start, by article. The parts listen on
 * `bus` until `close` is called.
 */
export function createApp({ free, send }) {
  const stock = new Stock(free);
  const mailer = new Mailer(send);
  const journal = new Journal();
  const bus = createBus({ topics: ["order.placed", "order.cancelled"] });
  const desk = new OrderDesk(bus);

  // The stock comes before the mailer, which writes what is missing.
  const listeners = [
    ["order.placed", ({ payload }) => stock.reserve(payload), "stock"],
    ["order.cancelled", ({ payload }) => stock.release(payload), "stock"],
    ["order.placed", ({ payload }) => mailer.confirm(payload, stock.missing(payload)), "mailer"],
    ["order.cancelled", ({ payload }) => mailer.regret(payload), "mailer"],
  ];
  const note = ({ topic, payload }) => journal.write(topic, payload.id);
  bus.tap("order.*", note, { name: "journal" });
  for (const [topic, handler, name] of listeners) bus.subscribe(topic, handler, { name });
  const close = () => {
    bus.off("order.*", note);
    for (const [topic, handler] of listeners) bus.off(topic, handler);
  };

  return { desk, stock, journal, bus, close };
}
