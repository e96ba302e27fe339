import * as courier from "courier-bus";
import { Journal } from "./journal.js";
import { Mailer } from "./mailer.js";
import { OrderDesk } from "./orders.js";
import { Stock } from "./stock.js";

/** Puts the parts together. `free` is the stock at the start, by article. */
export function createApp({ free, send }) {
  const bus = courier.createBus({ topics: ["order.placed", "order.cancelled"] });
  const journal = new Journal();
  const stock = new Stock(free);
  const mailer = new Mailer(send, (id) => stock.reserved(id));
  const running = [journal, stock, mailer].flatMap((part) => part.attach(bus));
  const desk = new OrderDesk((topic, order) => bus.publish(topic, order));
  const close = () => {
    for (const subscription of running.splice(0)) subscription.cancel();
  };
  return { desk, stock, journal, bus, close };
}
