const MAX_DELIVERIES = 1_000;

/**
 * Remembers which messages of a delivery went out, so that another try in this process sends the rest only. Holds the
 * newest 1,000 deliveries; the oldest is forgotten first, and would then send a message again.
 */
export class DeliveryProgress {
  readonly #sent = new Map<string, Set<string>>();

  /** The messages of a delivery that went out. */
  of(delivery: string): ReadonlySet<string> {
    return this.#sent.get(delivery) ?? new Set();
  }

  note(delivery: string, message: string): void {
    const sent = this.#sent.get(delivery) ?? new Set();
    sent.add(message);
    this.#sent.delete(delivery);
    this.#sent.set(delivery, sent);
    for (const oldest of this.#sent.keys()) {
      if (this.#sent.size <= MAX_DELIVERIES) break;
      this.#sent.delete(oldest);
    }
  }

  /** Everything went out. */
  forget(delivery: string): void {
    this.#sent.delete(delivery);
  }
}
