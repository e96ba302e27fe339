/** The letters to customers. `send(to, text)` sends one and gives a promise. */
export class Mailer {
  #send;
  #reserved;

  /** `reserved(id)` tells how many of each line are reserved. */
  constructor(send, reserved) {
    this.#send = send;
    this.#reserved = reserved;
  }

  /** Listens on the bus; returns the subscriptions. */
  attach(bus) {
    const options = { name: "mailer", priority: 1 };
    return [
      bus.subscribe("order.placed", (envelope) => this.confirm(envelope.payload), options),
      bus.subscribe("order.cancelled", (envelope) => this.regret(envelope.payload), options),
    ];
  }

  /** Confirms an order, and says what is not in stock. */
  async confirm(order) {
    const reserved = this.#reserved(order.id);
    const missing = order.lines
      .map(({ article, count }, i) => ({ article, count: count - (reserved[i] ?? 0) }))
      .filter(({ count }) => count > 0)
      .map(({ article, count }) => `${count} ${article}`);
    const later = missing.length > 0 ? ` Later: ${missing.join(", ")}.` : "";
    await this.#send(order.customer, `Order ${order.id} is placed.${later}`);
  }

  /** Confirms that an order is cancelled. */
  async regret(order) {
    await this.#send(order.customer, `Order ${order.id} is cancelled.`);
  }
}
