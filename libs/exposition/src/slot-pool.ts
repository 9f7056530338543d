import { LINE_KIND, type LineTable } from "./line-table.ts";

/** Hands out the slots of a target's series and finds out which series a body no longer shows. */
export class SlotPool {
  /** One more than the highest slot ever in use. */
  capacity = 0;
  /** The slots handed out since `begin`. */
  created: number[] = [];
  /** The number of the scrape that last showed each slot; `followPrevious` writes it in its own loop. */
  seen = new Uint32Array(64);
  /** The number of the scrape under way. */
  scrape = 0;
  /** How many different slots the scrape under way has shown. */
  seenCount = 0;
  #free: number[] = [];
  #previousCount = 0;

  begin(): void {
    this.scrape++;
    if (this.scrape === 2 ** 32) {
      this.seen.fill(0);
      this.scrape = 1;
    }
    this.created = [];
    this.seenCount = 0;
  }

  see(slot: number): void {
    if (this.seen[slot] === this.scrape) return;
    this.seen[slot] = this.scrape;
    this.seenCount++;
  }

  allocate(): number {
    const slot = this.#free.pop() ?? this.capacity++;
    if (slot >= this.seen.length) {
      const seen = new Uint32Array(this.seen.length * 2);
      seen.set(this.seen);
      this.seen = seen;
    }
    this.created.push(slot);
    this.see(slot);
    return slot;
  }

  /** Takes back the slots handed out since `begin`. */
  rollBack(): void {
    for (let slot = this.created.pop(); slot !== undefined; slot = this.created.pop()) this.#free.push(slot);
  }

  /** Frees and lists the slots of the previous body that were not seen since `begin`. */
  commit(previous: LineTable): number[] {
    const keptCount = this.seenCount - this.created.length;
    const freed = keptCount === this.#previousCount ? [] : this.#unseenOf(previous);
    for (const slot of freed) this.#free.push(slot);
    this.#previousCount = this.seenCount;
    return freed;
  }

  #unseenOf(table: LineTable): number[] {
    const unseen: number[] = [];
    for (let line = 0; line < table.count; line++) {
      if ((table.kinds[line] as number) > LINE_KIND.lastSample) continue;
      const slot = table.slots[line] as number;
      if (this.seen[slot] === this.scrape) continue;
      // A series may stand twice in the body.
      this.seen[slot] = this.scrape;
      unseen.push(slot);
    }
    return unseen;
  }
}
