import { createLabelHashSeed, type LabelHashSeed } from "@monotreme/remote-write";
import { MAX_TENANTS } from "./series-cache.ts";

/** A tenant in this process: a small number for the series cache, and the seed of its label hashes. */
export interface KnownTenant {
  readonly name: string;
  readonly index: number;
  readonly hashSeed: LabelHashSeed;
}

/** Numbers the tenants that write through this process, 65 536 at most; then it forgets all and starts anew. */
export class TenantRegistry {
  readonly #onReset: () => void;
  readonly #maxTenants: number;
  readonly #tenants = new Map<string, KnownTenant>();

  /** `onReset` must forget everything that was kept by tenant index. */
  constructor(onReset: () => void, maxTenants: number = MAX_TENANTS) {
    this.#onReset = onReset;
    this.#maxTenants = maxTenants;
  }

  get(name: string): KnownTenant {
    const known = this.#tenants.get(name);
    if (known !== undefined) return known;
    if (this.#tenants.size === this.#maxTenants) {
      this.#tenants.clear();
      this.#onReset();
    }
    // Fresh seeds: an announcement that is acknowledged after a reset finds no entry under its old hash.
    const tenant = { name, index: this.#tenants.size, hashSeed: createLabelHashSeed() };
    this.#tenants.set(name, tenant);
    return tenant;
  }
}
