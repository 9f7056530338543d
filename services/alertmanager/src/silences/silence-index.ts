import type { LabelSet } from "../alerts/alert.ts";
import type { CompiledMatchers } from "./compiled-matchers.ts";
import { type Silence, silenceStateAt } from "./silence.ts";

interface IndexedSilence {
  readonly silence: Silence;
  readonly matchers: CompiledMatchers;
}

/**
 * Finds the silences of an alert without asking all of them: a silence that demands a certain value of a label is only
 * asked about alerts which have it. Only silences in force are found; those that ended cost a look until they are deleted.
 */
export class SilenceIndex {
  readonly #byLabel = new Map<string, Map<string, IndexedSilence>>();
  readonly #others = new Map<string, IndexedSilence>();
  readonly #keys = new Map<string, string | undefined>();

  get size(): number {
    return this.#keys.size;
  }

  /** Adds a silence or takes the place of the one with its id. */
  set(silence: Silence, matchers: CompiledMatchers): void {
    this.delete(silence.id);
    const key = matchers.requiredLabel === undefined ? undefined : keyOf(...matchers.requiredLabel);
    this.#keys.set(silence.id, key);
    this.#bucketOf(key).set(silence.id, { silence, matchers });
  }

  /** Leaves out what ended before a time. */
  deleteEnded(beforeMs: number): void {
    for (const bucket of [this.#others, ...this.#byLabel.values()]) {
      for (const { silence } of bucket.values()) if (silence.endsAtMs < beforeMs) this.delete(silence.id);
    }
  }

  delete(id: string): void {
    if (!this.#keys.has(id)) return;
    const key = this.#keys.get(id);
    this.#keys.delete(id);
    if (key === undefined) {
      this.#others.delete(id);
      return;
    }
    const bucket = this.#byLabel.get(key);
    bucket?.delete(id);
    if (bucket?.size === 0) this.#byLabel.delete(key);
  }

  /** Ids of the silences in force that match, in a stable order. */
  activeFor(labels: LabelSet, nowMs: number): readonly string[] {
    if (this.#keys.size === 0) return [];
    const ids: string[] = [];
    collect(this.#others, labels, nowMs, ids);
    if (this.#byLabel.size > 0) {
      for (const [name, value] of Object.entries(labels)) {
        const bucket = this.#byLabel.get(keyOf(name, value));
        if (bucket !== undefined) collect(bucket, labels, nowMs, ids);
      }
    }
    return ids.sort();
  }

  #bucketOf(key: string | undefined): Map<string, IndexedSilence> {
    if (key === undefined) return this.#others;
    let bucket = this.#byLabel.get(key);
    if (bucket === undefined) {
      bucket = new Map();
      this.#byLabel.set(key, bucket);
    }
    return bucket;
  }
}

function collect(bucket: ReadonlyMap<string, IndexedSilence>, labels: LabelSet, nowMs: number, ids: string[]): void {
  for (const [id, { silence, matchers }] of bucket) {
    if (silenceStateAt(silence, nowMs) === "active" && matchers.matches(labels)) ids.push(id);
  }
}

function keyOf(name: string, value: string): string {
  return `${name.length}:${name}${value}`;
}
