/** A topic that the bus does not know. */
class TopicError extends Error {
  constructor(topic) {
    super(`unknown topic ${topic}`);
    this.name = "TopicError";
  }
}

/** A bus with these topics. */
export class Bus {
  #listeners = [];
  #last = 0;

  constructor(topics) {
    this.topics = topics;
  }

  subscribe(topic, handler, options = {}) {
    if (!this.topics.includes(topic)) throw new TopicError(topic);
    return this.#add((other) => other === topic, handler, options);
  }

  tap(pattern, handler, options = {}) {
    return this.#add((topic) => topic.startsWith(pattern.slice(0, -1)), handler, options);
  }

  async publish(topic, payload) {
    if (!this.topics.includes(topic)) throw new TopicError(topic);
    this.#last += 1;
    const report = { id: this.#last, delivered: [], failed: [] };
    const envelope = { id: this.#last, topic, payload: structuredClone(payload), at: Date.now() };
    for (const { accepts, handler, name } of this.#sorted()) {
      if (!accepts(topic)) continue;
      try {
        await handler(structuredClone(envelope));
        report.delivered.push(name);
      } catch (error) {
        report.failed.push({ name, error });
      }
    }
    return report;
  }

  #sorted() {
    return [...this.#listeners].sort((a, b) => b.priority - a.priority);
  }

  #add(accepts, handler, { name = "anonymous", priority = 0 }) {
    const entry = { accepts, handler, name, priority };
    this.#listeners.push(entry);
    const cancel = () => {
      this.#listeners = this.#listeners.filter((other) => other !== entry);
    };
    return { cancel };
  }
}
