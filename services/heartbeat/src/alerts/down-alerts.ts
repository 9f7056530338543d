import { messageOf } from "@monotreme/errors";
import type { Logger } from "@monotreme/telemetry";
import type { CheckDefinition, Flip } from "../checks/check.ts";
import type { LoadedCheck } from "../checks/check-store.ts";
import type { FlipListener } from "../flips/flip-outbox.ts";
import type { AlertSender } from "./alert-sender.ts";
import { alertAnnotations, alertLabels, type DownCheck, firingEvent, resolvedEvent } from "./check-alert.ts";
import type { LastWords } from "./last-words.ts";

export interface DownAlertsOptions {
  readonly sender: AlertSender;
  readonly lastWords: LastWords;
  /** The name of a project by its id. */
  readonly projectName: (project: string) => string;
  /** Where people find the heartbeat service; alerts lead there. */
  readonly externalUrl: string;
  readonly logger: Logger;
  /** Epoch ms. */
  readonly now: () => number;
}

/** Longer than any of us is away: an alert ends because its check is up, not because nobody spoke of it. */
const FIRING_FOR_MS = 3 * 86_400_000;
const OWED_RETRY_MS = 1000;

interface KnownDown extends DownCheck {
  /** What the labels were made of. */
  readonly definition: CheckDefinition;
  readonly projectName: string;
  readonly reason: Flip["reason"];
  readonly hasWords: boolean;
}

type KnownBefore = { readonly [Field in keyof KnownDown]?: KnownDown[Field] | undefined };

/**
 * Tells the alertmanager of checks that go down and come back, and keeps their alerts alive. An alert ends when its check
 * is up, paused, removed, or called something else. Holds one alert for each check that is down.
 */
export class DownAlerts implements FlipListener {
  readonly name = "alerts";
  readonly isUrgent = true;
  readonly #options: DownAlertsOptions;
  /** Checks that are down, by id; each with what was told of it. */
  readonly #down = new Map<string, KnownDown>();
  readonly #checks = new Map<string, LoadedCheck>();
  /** Checks that have just come back, until their flip is told. */
  readonly #back = new Map<string, KnownDown>();
  /** Alerts that ended without a flip, until the stream has their end. */
  readonly #owed = new Map<string, DownCheck>();
  /** What the last round kept alive. */
  #lastRound = new Map<string, DownCheck>();
  #timer: NodeJS.Timeout | undefined;
  #isClosed = false;

  constructor(options: DownAlertsOptions) {
    this.#options = options;
  }

  /** Takes note of a check as it is now. */
  watch(check: LoadedCheck): void {
    const { id } = check.definition;
    const known = this.#down.get(id);
    if (check.state.status !== "down") {
      // Its flip ends the alert.
      if (known !== undefined) this.#back.set(id, known);
      this.#checks.delete(id);
      this.#down.delete(id);
      return;
    }
    this.#checks.set(id, check);
    // Its flip is told in a moment, and described then.
    if (known === undefined && check.unsentFlips.some(({ to }) => to === "down")) return;
    const next = this.#describe(check, known);
    if (known !== undefined && !isSameSet(known.labels, next.labels)) {
      this.#owe(known);
      void this.#tell(next);
    }
    this.#down.set(id, next);
  }

  /** The check is gone. */
  forget(checkId: string): void {
    const known = this.#down.get(checkId);
    this.#down.delete(checkId);
    this.#back.delete(checkId);
    this.#checks.delete(checkId);
    if (known !== undefined) this.#owe(known);
  }

  async take(check: LoadedCheck, flip: Flip): Promise<void> {
    const { sender, lastWords, externalUrl } = this.#options;
    if (flip.to === "down") {
      const words = await lastWords.of(check, flip.reason);
      const { definition, projectName, labels } = this.#down.get(check.definition.id) ?? {};
      const before = { definition, projectName, labels, reason: flip.reason, startsAtMs: flip.atMs };
      const known = this.#describe(check, before, words);
      if (this.#checks.has(check.definition.id)) this.#down.set(check.definition.id, known);
      return sender.send(firingEvent(known, this.#endMs(), externalUrl));
    }
    if (flip.from !== "down") return;
    const known = this.#back.get(check.definition.id);
    const ended = known ?? this.#describe(check, { reason: "", startsAtMs: flip.atMs });
    await sender.send(resolvedEvent(ended, flip.atMs, externalUrl));
    if (this.#back.get(check.definition.id) === known) this.#back.delete(check.definition.id);
  }

  /**
   * Tells again of every check that is down, for an alertmanager that forgot, and ends what the last round kept alive
   * though it is over. To be called by one of all replicas, at its start and from time to time.
   */
  async tellAll(): Promise<void> {
    const { sender, lastWords, externalUrl, now, logger } = this.#options;
    try {
      for (const [id, known] of this.#down) {
        const check = this.#checks.get(id);
        if (known.hasWords || check === undefined) continue;
        const words = await lastWords.of(check, known.reason);
        if (this.#down.get(id) === known) this.#down.set(id, this.#describe(check, known, words ?? ""));
      }
      const round = new Map<string, DownCheck>([...this.#down.values()].map((down) => [keyOf(down), down]));
      const over = [...this.#lastRound].filter(([key]) => !round.has(key)).map(([, down]) => down);
      this.#lastRound = round;
      await sender.sendAll(over.map((down) => resolvedEvent(down, now(), externalUrl)));
      await sender.sendAll([...round.values()].map((down) => firingEvent(down, this.#endMs(), externalUrl)));
    } catch (error) {
      logger.warn({ reason: messageOf(error) }, "checks that are down were not told again");
    }
  }

  close(): void {
    this.#isClosed = true;
    clearTimeout(this.#timer);
  }

  #describe(check: LoadedCheck, known: KnownBefore | undefined, words?: string): KnownDown {
    const { definition, unsentFlips } = check;
    const flip = unsentFlips.findLast(({ to }) => to === "down");
    const reason = known?.reason ?? flip?.reason ?? "";
    const output = words ?? known?.annotations?.["output"];
    const projectName = this.#options.projectName(definition.project);
    const isSame = known?.definition === definition && known.projectName === projectName;
    return {
      definition,
      projectName,
      labels: (isSame ? known.labels : undefined) ?? alertLabels(definition, projectName),
      annotations: alertAnnotations(check, reason, output),
      startsAtMs: known?.startsAtMs ?? flip?.atMs ?? this.#options.now(),
      reason,
      hasWords: words !== undefined || known?.hasWords === true,
    };
  }

  #endMs(): number {
    return this.#options.now() + FIRING_FOR_MS;
  }

  async #tell(down: DownCheck): Promise<void> {
    try {
      await this.#options.sender.send(firingEvent(down, this.#endMs(), this.#options.externalUrl));
    } catch (error) {
      // The next round tells it.
      this.#options.logger.warn({ reason: messageOf(error) }, "a renamed check was not told");
    }
  }

  #owe(down: DownCheck): void {
    this.#owed.set(keyOf(down), down);
    this.#timer ??= setTimeout(() => void this.#payOwed(), 0);
  }

  async #payOwed(): Promise<void> {
    const { sender, externalUrl, now, logger } = this.#options;
    for (const [key, down] of this.#owed) {
      try {
        await sender.send(resolvedEvent(down, now(), externalUrl));
        this.#owed.delete(key);
      } catch (error) {
        logger.warn({ reason: messageOf(error) }, "the end of an alert was not told, trying again");
        break;
      }
    }
    this.#timer = undefined;
    if (this.#owed.size > 0 && !this.#isClosed) this.#timer = setTimeout(() => void this.#payOwed(), OWED_RETRY_MS);
  }
}

function keyOf({ labels }: DownCheck): string {
  return JSON.stringify(Object.entries(labels).toSorted(([a], [b]) => (a < b ? -1 : 1)));
}

function isSameSet(a: Readonly<Record<string, string>>, b: Readonly<Record<string, string>>): boolean {
  if (a === b) return true;
  const names = Object.keys(a);
  return names.length === Object.keys(b).length && names.every((name) => a[name] === b[name]);
}
