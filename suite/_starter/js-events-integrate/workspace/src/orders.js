import { counter } from "plain-id";

/** An order that cannot be taken or cancelled. */
export class OrderError extends Error {
  constructor(message) {
    super(message);
    this.name = "OrderError";
  }
}

/** Takes and cancels orders. */
export class OrderDesk {
  #orders = new Map();
  #nextId = counter("order");
  #parts;

  constructor({ stock, mailer, journal }) {
    this.#parts = { stock, mailer, journal };
  }

  /** Places an order of lines { article, count } and resolves to { id }. */
  async place(customer, lines) {
    if (lines.length === 0) throw new OrderError("an order needs a line");
    for (const { article, count } of lines) {
      if (!Number.isInteger(count) || count < 1) throw new OrderError(`how many ${article}?`);
    }
    const order = { id: this.#nextId(), customer, lines: structuredClone(lines), state: "placed" };
    this.#orders.set(order.id, order);
    const { stock, mailer, journal } = this.#parts;
    journal.write("order.placed", order.id);
    stock.reserve(order);
    await mailer.confirm(order);
    return { id: order.id };
  }

  /** Cancels an order and resolves to { id }. */
  async cancel(id) {
    const order = this.#orders.get(id);
    if (order === undefined) throw new OrderError(`there is no order ${id}`);
    if (order.state === "cancelled") throw new OrderError(`${id} is cancelled already`);
    order.state = "cancelled";
    const { stock, mailer, journal } = this.#parts;
    journal.write("order.cancelled", order.id);
    stock.release(order);
    await mailer.regret(order);
    return { id: order.id };
  }

  /** "placed", "cancelled", or undefined for an order that there is not. */
  state(id) {
    return this.#orders.get(id)?.state;
  }
}
