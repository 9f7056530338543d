import { LATE_SAMPLES_TTL_MS, lateStretchOf } from "@monotreme/contracts";
import type { Dependency } from "./cache-shape.ts";

/** When samples of a stretch of time changed last. */
export interface LateChange {
  readonly revision: number;
  /** When this process heard of it, on the clock of `performance.now`. */
  readonly heardMs: number;
}

interface Entry extends Dependency, LateChange {
  /** Epoch ms. */
  readonly createdMs: number;
}

/** What the bucket of late samples says, by tenant; forgets what the bucket has forgotten. */
export class LateIndex {
  readonly #byTenant = new Map<string, Map<string, Entry>>();
  readonly #now: () => number;
  #additions = 0;

  constructor(now: () => number) {
    this.#now = now;
  }

  add(key: string, revision: number, createdMs: number): void {
    const stretch = lateStretchOf(key);
    if (stretch === undefined) return;
    const { tenant, fromMs, untilMs } = stretch;
    let entries = this.#byTenant.get(tenant);
    if (entries === undefined) this.#byTenant.set(tenant, (entries = new Map()));
    entries.set(key, { fromMs, untilMs, revision, createdMs, heardMs: performance.now() });
    if (++this.#additions % 1000 === 0) this.#forget();
  }

  /** The latest change of samples in the range. */
  latestIn(tenant: string, { fromMs, untilMs }: Dependency): LateChange | undefined {
    let latest: LateChange | undefined;
    for (const entry of this.#byTenant.get(tenant)?.values() ?? []) {
      const isInside = entry.fromMs <= untilMs && entry.untilMs >= fromMs;
      if (isInside && (latest === undefined || entry.revision > latest.revision)) latest = entry;
    }
    return latest;
  }

  #forget(): void {
    const oldestMs = this.#now() - LATE_SAMPLES_TTL_MS;
    for (const [tenant, entries] of this.#byTenant) {
      for (const [key, { createdMs }] of entries) if (createdMs < oldestMs) entries.delete(key);
      if (entries.size === 0) this.#byTenant.delete(tenant);
    }
  }
}
