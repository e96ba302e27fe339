/** The letters to customers. `send(to, text)` sends one and gives a promise. */
export class Mailer {
  #send;

  constructor(send) {
    this.#send = send;
  }

  /** Confirms an order, and says what is not in stock. */
  async confirm(order) {
    const missing = order.lines
      .filter((line) => line.reserved < line.count)
      .map((line) => `${line.count - line.reserved} ${line.article}`);
    const later = missing.length > 0 ? ` Later: ${missing.join(", ")}.` : "";
    await this.#send(order.customer, `Order ${order.id} is placed.${later}`);
  }

  /** Confirms that an order is cancelled. */
  async regret(order) {
    await this.#send(order.customer, `Order ${order.id} is cancelled.`);
  }
}
