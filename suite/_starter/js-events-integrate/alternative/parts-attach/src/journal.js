/** One line for each event, oldest first. */
export class Journal {
  #lines = [];

  write(event, id) {
    this.#lines.push(`${event} ${id}`);
  }

  /** Listens on the bus; returns the subscriptions. */
  attach(bus) {
    const note = ({ topic, payload }) => this.write(topic, payload.id);
    return [bus.tap("order.*", note, { name: "journal" })];
  }

  /** A copy of the lines. */
  get lines() {
    return [...this.#lines];
  }
}
