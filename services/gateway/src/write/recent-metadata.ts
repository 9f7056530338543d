import type { MetricMetadata } from "@monotreme/model";

const MAX_ENTRIES = 50_000;
const KEPT_MS = 600_000;
/** Longer texts are passed on every time, so that the entries stay within 100 MB. */
const MAX_KEY_LENGTH = 1024;

/**
 * Metadata that was passed on in the last minutes: version 2 of the protocol repeats it with every series. Forgets all
 * of it every 10 minutes and beyond 50,000 entries, and then it is passed on once more.
 */
export class RecentMetadata {
  readonly #now: () => number;
  readonly #seen = new Set<string>();
  #sinceMs: number;

  constructor(now: () => number) {
    this.#now = now;
    this.#sinceMs = now();
  }

  isNew(tenant: string, metadata: MetricMetadata): boolean {
    if (this.#now() - this.#sinceMs > KEPT_MS || this.#seen.size >= MAX_ENTRIES) {
      this.#seen.clear();
      this.#sinceMs = this.#now();
    }
    return !this.#seen.has(keyOf(tenant, metadata));
  }

  /** To be called when it is durable. */
  remember(tenant: string, metadata: MetricMetadata): void {
    const key = keyOf(tenant, metadata);
    if (key.length <= MAX_KEY_LENGTH && this.#seen.size < MAX_ENTRIES) this.#seen.add(key);
  }
}

function keyOf(tenant: string, { metric, type, unit, help }: MetricMetadata): string {
  return [tenant, metric, type, unit, help].join("\n");
}
