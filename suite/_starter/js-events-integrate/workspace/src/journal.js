/** One line for each event, oldest first. */
export class Journal {
  #lines = [];

  write(event, id) {
    this.#lines.push(`${event} ${id}`);
  }

  /** A copy of the lines. */
  get lines() {
    return [...this.#lines];
  }
}
