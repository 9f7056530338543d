import type { ParsedScrape, ScrapedExemplar } from "@monotreme/exposition";
import { SampleCursor } from "./sample-cursor.ts";
import type { ScrapeBatch } from "./scrape-batch.ts";

/** Upstream's bound: all names and values of an exemplar together, in characters. */
const MAX_LABELS_LENGTH = 128;
/** As for samples with times of their own. */
const MAX_AHEAD_MS = 600_000;
const MAX_BEHIND_MS = 86_400_000;

interface LastExemplar {
  readonly timestampMs: number;
  readonly value: number;
  readonly key: string;
}

/**
 * The exemplars of one target's series. Targets show an exemplar until they have a newer one, so only what is later
 * than the last of its series is taken, or different where it has no time of its own: then it has its scrape's.
 */
export class SeriesExemplars {
  /** Of the last scrape, left out because of their labels or times. */
  dropped = 0;
  /** By slot; only of series that have any. */
  readonly #last = new Map<number, LastExemplar>();
  #timeMs = 0;
  #cursor: SampleCursor<ScrapedExemplar> | undefined;

  /** A scrape of that time begins. */
  begin({ exemplars, freed }: ParsedScrape, timeMs: number): void {
    this.dropped = 0;
    this.#timeMs = timeMs;
    this.#cursor = SampleCursor.over(exemplars);
    if (this.#last.size > 0) for (const slot of freed) this.#last.delete(slot);
  }

  /** Adds the exemplars of one sample of the scrape; `sample` is its position in the batch. */
  addOf(scraped: number, slot: number, sample: number, batch: ScrapeBatch): void {
    if (this.#cursor === undefined) return;
    for (let next = this.#cursor.at(scraped); next !== undefined; next = this.#cursor.at(scraped)) {
      this.#add(next, slot, sample, batch);
    }
  }

  #add({ labels, value, timestampMs }: ScrapedExemplar, slot: number, sample: number, batch: ScrapeBatch): void {
    const ownMs = timestampMs ?? this.#timeMs;
    const isFar = ownMs > this.#timeMs + MAX_AHEAD_MS || ownMs < this.#timeMs - MAX_BEHIND_MS;
    let length = 0;
    for (const [name, text] of labels) length += name.length + text.length;
    if (isFar || length > MAX_LABELS_LENGTH) {
      this.dropped++;
      return;
    }
    const last = this.#last.get(slot);
    const isKnown = last !== undefined && last.value === value && last.key === labels.key;
    if (last !== undefined && (timestampMs === undefined ? isKnown : ownMs <= last.timestampMs)) return;
    this.#last.set(slot, { timestampMs: ownMs, value, key: labels.key });
    batch.addExemplar({ sample, timestampMs: Math.round(ownMs), value, labels });
  }
}
