import type { CancelTimer, Clock } from "@monotreme/clock";
import { messageOf } from "@monotreme/errors";
import type { Logger } from "@monotreme/telemetry";
import { type Alert, isResolvedAt } from "../alerts/alert.ts";
import type { SilenceMetrics } from "../metrics.ts";
import { endsWhenResolved, type Silence, silenceStateAt } from "./silence.ts";
import type { SilenceStore } from "./silence-store.ts";

export interface SilenceKeeperOptions {
  readonly silences: SilenceStore;
  readonly alerts: { values(): Iterable<Alert> };
  readonly clock: Clock;
  readonly logger: Logger;
  readonly metrics: SilenceMetrics;
  /** Whether this replica is the one that acts for all. */
  readonly isActing: () => boolean;
  /** How long before its end a silence is announced; 0: not at all. */
  readonly noticeMs: number;
  /** Told once of a silence that ends soon, by each replica that was acting at the time. */
  readonly onEndsSoon: (silence: Silence) => void;
}

const TICK_MS = 5_000;
const GC_INTERVAL_MS = 15 * 60_000;
/** After a start alerts may look resolved only because nobody could send them: senders come back within minutes. */
const START_GRACE_MS = 5 * 60_000;
/** A silence that was made ahead of its alert waits that long for it. */
const ARRIVAL_GRACE_MS = 5 * 60_000;

/**
 * What happens to silences by itself: those that last until their alerts are resolved are ended then, the end of a long
 * one is announced, and those that ended long ago are forgotten.
 */
export class SilenceKeeper {
  readonly #options: SilenceKeeperOptions;
  readonly #startedMs: number;
  readonly #announced = new Set<string>();
  /** Silences under which an alert was seen firing. */
  readonly #wasNeeded = new Set<string>();
  #nextGcMs: number;
  #cancelTimer: CancelTimer | undefined;
  #running: Promise<void> = Promise.resolve();
  #isClosed = false;

  constructor(options: SilenceKeeperOptions) {
    this.#options = options;
    this.#startedMs = options.clock.now();
    this.#nextGcMs = this.#startedMs + GC_INTERVAL_MS;
    this.#schedule();
  }

  /** Waits for the round under way. */
  async close(): Promise<void> {
    this.#isClosed = true;
    this.#cancelTimer?.();
    await this.#running;
  }

  #schedule(): void {
    this.#cancelTimer = this.#options.clock.after(TICK_MS, () => {
      this.#running = this.#tick().finally(() => {
        if (!this.#isClosed) this.#schedule();
      });
    });
  }

  /** Never rejects. */
  async #tick(): Promise<void> {
    const { clock, isActing, logger } = this.#options;
    try {
      this.#options.silences.pruneIndex();
      if (isActing()) {
        await this.#endResolved();
        this.#announce();
      }
      if (clock.now() >= this.#nextGcMs) await this.#collectGarbage();
    } catch (error) {
      logger.warn({ reason: messageOf(error) }, "silences were not kept up, another round follows");
    }
  }

  async #endResolved(): Promise<void> {
    const { silences, clock } = this.#options;
    const nowMs = clock.now();
    const candidates = silences
      .list()
      .filter((silence) => endsWhenResolved(silence) && silenceStateAt(silence, nowMs) === "active");
    if (candidates.length === 0) return;
    const needed = this.#neededAt(nowMs);
    for (const { id, startsAtMs } of candidates) {
      if (needed.has(id)) {
        this.#wasNeeded.add(id);
        continue;
      }
      const isSeen = this.#wasNeeded.has(id);
      const waitsSinceMs = isSeen ? Number.NEGATIVE_INFINITY : startsAtMs + ARRIVAL_GRACE_MS;
      if (nowMs < Math.max(waitsSinceMs, isSeen ? 0 : this.#startedMs + START_GRACE_MS)) continue;
      this.#wasNeeded.delete(id);
      await silences.expire(id);
    }
  }

  /** The silences under which an alert fires. */
  #neededAt(nowMs: number): Set<string> {
    const { alerts, silences } = this.#options;
    const needed = new Set<string>();
    for (const alert of alerts.values()) {
      if (!isResolvedAt(alert, nowMs)) for (const id of silences.silencedBy(alert.labels)) needed.add(id);
    }
    return needed;
  }

  #announce(): void {
    const { silences, clock, noticeMs, onEndsSoon } = this.#options;
    if (noticeMs === 0) return;
    const nowMs = clock.now();
    for (const silence of silences.list()) {
      const { id, startsAtMs, endsAtMs } = silence;
      // A short silence that was announced at its very start would tell nobody anything.
      const isLong = endsAtMs - startsAtMs > 2 * noticeMs;
      const isDue = isLong && endsAtMs - nowMs <= noticeMs && silenceStateAt(silence, nowMs) === "active";
      const key = `${id} ${endsAtMs}`;
      if (!isDue || this.#announced.has(key) || endsWhenResolved(silence)) continue;
      this.#announced.add(key);
      onEndsSoon(silence);
    }
  }

  async #collectGarbage(): Promise<void> {
    const { metrics, silences, clock } = this.#options;
    this.#nextGcMs = clock.now() + GC_INTERVAL_MS;
    metrics.maintenance.inc();
    const stopTimer = metrics.gcSeconds.startTimer();
    try {
      await silences.collectGarbage();
      this.#forgetGone();
    } catch (error) {
      metrics.maintenanceErrors.inc();
      throw error;
    } finally {
      stopTimer();
    }
  }

  #forgetGone(): void {
    for (const id of this.#wasNeeded) if (this.#options.silences.get(id) === undefined) this.#wasNeeded.delete(id);
    for (const key of this.#announced) {
      const [id = ""] = key.split(" ", 1);
      if (this.#options.silences.get(id) === undefined) this.#announced.delete(key);
    }
  }
}
