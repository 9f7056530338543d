import type { ParsedScrape } from "@monotreme/exposition";

/** Finds samples that repeat both series and explicit timestamp of an earlier one in the same body. */
export class DuplicateTimestamps {
  readonly #parsed: ParsedScrape;
  /** The positions at fault; found in one pass when first asked for, which ordinary bodies never do. */
  #repeats: Set<number> | undefined;

  constructor(parsed: ParsedScrape) {
    this.#parsed = parsed;
  }

  has(position: number): boolean {
    this.#repeats ??= repeatsOf(this.#parsed);
    return this.#repeats.has(position);
  }
}

function repeatsOf({ slots, timestamps, count }: ParsedScrape): Set<number> {
  const seen = new Map<number, Set<number>>();
  const repeats = new Set<number>();
  for (let i = 0; i < count; i++) {
    const slot = slots[i] as number;
    const timestampMs = timestamps[i] as number;
    const ofSlot = seen.get(slot);
    if (ofSlot === undefined) seen.set(slot, new Set([timestampMs]));
    else if (ofSlot.has(timestampMs)) repeats.add(i);
    else ofSlot.add(timestampMs);
  }
  return repeats;
}
