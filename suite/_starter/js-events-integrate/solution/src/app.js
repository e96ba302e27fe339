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
  const subscriptions = [
    bus.tap("order.*", ({ topic, payload }) => journal.write(topic, payload.id), {
      name: "journal",
    }),
    bus.subscribe("order.placed", ({ payload }) => stock.reserve(payload), { name: "stock" }),
    bus.subscribe("order.cancelled", ({ payload }) => stock.release(payload), { name: "stock" }),
    bus.subscribe(
      "order.placed",
      ({ payload }) => mailer.confirm(payload, stock.missing(payload)),
      { name: "mailer" },
    ),
    bus.subscribe("order.cancelled", ({ payload }) => mailer.regret(payload), { name: "mailer" }),
  ];
  const close = () => subscriptions.forEach((subscription) => subscription.cancel());

  return { desk, stock, journal, bus, close };
}
