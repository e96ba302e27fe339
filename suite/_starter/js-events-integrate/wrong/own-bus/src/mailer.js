/** The letters to customers. `send(to, text)` sends one and gives a promise. */
export class Mailer {
  #send;

  constructor(send) {
    this.#send = send;
  }

  /** Confirms an order, and says what is not in stock: missing, as { article, count }. */
  async confirm(order, missing) {
    const texts = missing.map(({ article, count }) => `${count} ${article}`);
    const later = texts.length > 0 ? ` Later: ${texts.join(", ")}.` : "";
    await this.#send(order.customer, `Order ${order.id} is placed.${later}`);
  }

  /** Confirms that an order is cancelled. */
  async regret(order) {
    await this.#send(order.customer, `Order ${order.id} is cancelled.`);
  }
}
