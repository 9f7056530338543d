import { randomUUID } from "node:crypto";
import type { BucketEntry, VersionedBucket } from "@monotreme/bus";
import type { Logger } from "@monotreme/telemetry";
import type { LabelSet } from "../alerts/alert.ts";
import type { SilenceLookup } from "../engine/alert-views.ts";
import { type CompiledMatchers, compileMatchers } from "./compiled-matchers.ts";
import type { SilenceMetrics } from "../metrics.ts";
import { expireSilence, planSilence } from "./plan-silence.ts";
import { type Silence, type SilenceRequest, type SilenceState, silenceStateAt } from "./silence.ts";
import { decodeSilence, encodeSilence } from "./silence-codec.ts";
import { SilenceConflictError, SilenceLimitError, SilenceNotFoundError } from "./silence-errors.ts";
import { SilenceIndex } from "./silence-index.ts";

export interface SilenceStoreOptions {
  /** The key is the silence's id; a removal need not be told to those who follow. */
  readonly bucket: VersionedBucket;
  readonly now: () => number;
  readonly logger: Logger;
  /** How long a silence is kept after its end (`--data.retention`). */
  readonly retentionMs: number;
  /** 0: no limit. */
  readonly maxSilences: number;
  /** 0: no limit. */
  readonly maxSilenceSizeBytes: number;
  /** Counts look-ups; not given: nobody does. */
  readonly metrics?: Pick<SilenceMetrics, "queries">;
  /** Log each change (`--log.silences`). */
  readonly isLogged?: boolean;
  /** Called for each change that this process made, never for those of other replicas. */
  readonly onChange?: (change: SilenceChange) => void;
  readonly newId?: () => string;
}

export interface SilenceChange {
  readonly kind: "created" | "updated" | "expired";
  readonly silence: Silence;
}

interface HeldSilence {
  readonly silence: Silence;
  readonly revision: number;
}

/** Each round of a race has a winner, so this many writers can change one silence at the same moment. */
const WRITE_ATTEMPTS = 20;

/**
 * All silences: a picture in memory of the bucket that the replicas share, kept up by following it. A change is made by
 * compare-and-set, so that two replicas never undo each other's, and is seen here as soon as its promise resolves.
 */
export class SilenceStore implements SilenceLookup {
  readonly #options: SilenceStoreOptions;
  readonly #held = new Map<string, HeldSilence>();
  readonly #index = new SilenceIndex();
  #unreadable = 0;

  private constructor(options: SilenceStoreOptions) {
    this.#options = options;
  }

  /** Resolves when every silence of the bucket is known. */
  static async open(options: SilenceStoreOptions): Promise<SilenceStore> {
    const store = new SilenceStore(options);
    await options.bucket.follow((entry) => store.#apply(entry));
    return store;
  }

  /** Silences that the bucket holds and nobody can read; they are left alone. */
  get unreadable(): number {
    return this.#unreadable;
  }

  /** Ids of the silences that are in force for these labels. */
  silencedBy(labels: LabelSet): readonly string[] {
    this.#options.metrics?.queries.inc();
    return this.#index.activeFor(labels, this.#options.now());
  }

  get(id: string): Silence | undefined {
    return this.#held.get(id)?.silence;
  }

  /** Every silence that is kept, in no certain order. */
  list(): Silence[] {
    return [...this.#held.values()].map(({ silence }) => silence);
  }

  countByState(): Readonly<Record<SilenceState, number>> {
    const counts = { active: 0, pending: 0, expired: 0 };
    const nowMs = this.#options.now();
    for (const { silence } of this.#held.values()) counts[silenceStateAt(silence, nowMs)]++;
    return counts;
  }

  /**
   * Creates a silence, or changes the one that the request names where that keeps its past (else that one is ended and a
   * new one made). Resolves to the id in force. Throws `SILENCE_INVALID`, `SILENCE_LIMIT`, `SILENCE_NOT_FOUND`.
   */
  async set(request: SilenceRequest): Promise<string> {
    compileMatchers(request.matchers);
    const { now, newId = randomUUID } = this.#options;
    for (let attempt = 0; attempt < WRITE_ATTEMPTS; attempt++) {
      const existing = request.id === undefined || request.id === "" ? undefined : this.#require(request.id);
      const plan = planSilence(request, existing?.silence, now(), newId);
      this.#checkLimits(plan.write, plan.isUpdate);
      const replaced = plan.expire;
      if (replaced !== undefined && !(await this.#write(replaced, existing?.revision ?? 0, "expired"))) continue;
      const lastRevision = plan.isUpdate ? (existing?.revision ?? 0) : 0;
      if (await this.#write(plan.write, lastRevision, plan.isUpdate ? "updated" : "created")) return plan.write.id;
    }
    throw new SilenceConflictError(request.id ?? "");
  }

  /** Ends a silence now; ending one that has ended is fine. Throws `SILENCE_NOT_FOUND`. */
  async expire(id: string): Promise<void> {
    for (let attempt = 0; attempt < WRITE_ATTEMPTS; attempt++) {
      const { silence, revision } = this.#require(id);
      const expired = expireSilence(silence, this.#options.now());
      if (expired === undefined || (await this.#write(expired, revision, "expired"))) return;
    }
    throw new SilenceConflictError(id);
  }

  /** Makes look-ups skip what is over; a clock that is set back by less than a minute does no harm. */
  pruneIndex(): void {
    this.#index.deleteEnded(this.#options.now() - 60_000);
  }

  /** Forgets what ended longer ago than the retention, and resolves to how many that were. */
  async collectGarbage(): Promise<number> {
    const oldestEndMs = this.#options.now() - this.#options.retentionMs;
    const old = this.list().filter((silence) => silence.endsAtMs < oldestEndMs);
    for (const { id } of old) {
      await this.#options.bucket.remove(id);
      this.#held.delete(id);
      this.#index.delete(id);
    }
    return old.length;
  }

  async close(): Promise<void> {
    await this.#options.bucket.close();
  }

  #require(id: string): HeldSilence {
    const held = this.#held.get(id);
    if (held === undefined) throw new SilenceNotFoundError(id);
    return held;
  }

  #checkLimits(silence: Silence, isUpdate: boolean): void {
    const { maxSilences, maxSilenceSizeBytes } = this.#options;
    if (!isUpdate && maxSilences > 0 && this.#held.size >= maxSilences) {
      const count = this.#held.size + 1;
      throw new SilenceLimitError(`exceeded maximum number of silences: ${count} (limit: ${maxSilences})`);
    }
    const sizeBytes = encodeSilence(silence).length;
    if (maxSilenceSizeBytes > 0 && sizeBytes > maxSilenceSizeBytes) {
      throw new SilenceLimitError(
        `silence exceeded maximum size: ${sizeBytes} bytes (limit: ${maxSilenceSizeBytes} bytes)`,
      );
    }
  }

  /** False where someone else was faster; then the picture has their change. */
  async #write(silence: Silence, lastRevision: number, kind: SilenceChange["kind"]): Promise<boolean> {
    const { bucket, isLogged, logger, onChange } = this.#options;
    const value = encodeSilence(silence);
    const revision = await bucket.put(silence.id, value, lastRevision);
    if (revision === undefined) {
      const current = await bucket.get(silence.id);
      if (current !== undefined) this.#apply(current);
      // A repeat of a write whose answer was lost finds its own value.
      return current?.value !== undefined && Buffer.compare(current.value, value) === 0;
    }
    this.#apply({ key: silence.id, value, revision });
    if (isLogged === true) logger.info({ silence: silence.id, change: kind }, "silence changed");
    onChange?.({ kind, silence });
    return true;
  }

  /** Takes over a change unless a newer one is known. */
  #apply({ key: id, value, revision }: BucketEntry): void {
    const known = this.#held.get(id);
    if (known !== undefined && known.revision >= revision) return;
    if (value === undefined) {
      this.#held.delete(id);
      this.#index.delete(id);
      return;
    }
    const silence = decodeSilence(value);
    const matchers = silence === undefined ? undefined : this.#compile(silence);
    if (silence === undefined || matchers === undefined) {
      this.#unreadable++;
      this.#options.logger.warn({ silence: id }, "a silence in the bucket cannot be read");
      return;
    }
    this.#held.set(id, { silence, revision });
    if (silenceStateAt(silence, this.#options.now()) === "expired") this.#index.delete(id);
    else this.#index.set(silence, matchers);
  }

  #compile(silence: Silence): CompiledMatchers | undefined {
    try {
      return compileMatchers(silence.matchers);
    } catch {
      return undefined;
    }
  }
}
