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
  #bus;

  /** A desk that publishes order.placed and order.cancelled on the bus. */
  constructor(bus) {
    this.#bus = bus;
  }

  /** Places an order of lines { article, count } and resolves to { id, problems }. */
  async place(customer, lines) {
    if (lines.length === 0) throw new OrderError("an order needs a line");
    for (const { article, count } of lines) {
      if (!Number.isInteger(count) || count < 1) throw new OrderError(`how many ${article}?`);
    }
    const ordered = lines.map(({ article, count }) => ({ article, count }));
    const order = { id: this.#nextId(), customer, lines: ordered, state: "placed" };
    this.#orders.set(order.id, order);
    return this.#publish("order.placed", order);
  }

  /** Cancels an order and resolves to { id, problems }. */
  async cancel(id) {
    const order = this.#orders.get(id);
    if (order === undefined) throw new OrderError(`there is no order ${id}`);
    if (order.state === "cancelled") throw new OrderError(`${id} is cancelled already`);
    order.state = "cancelled";
    return this.#publish("order.cancelled", order);
  }

  /** "placed", "cancelled", or undefined for an order that there is not. */
  state(id) {
    return this.#orders.get(id)?.state;
  }

  async #publish(topic, order) {
    const { failed } = await this.#bus.publish(topic, order);
    return { id: order.id, problems: failed.map(({ name, error }) => `${name}: ${error.message}`) };
  }
}
