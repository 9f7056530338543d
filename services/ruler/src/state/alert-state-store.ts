import { messageOf } from "@monotreme/errors";
import type { Logger } from "@monotreme/telemetry";
import { z } from "zod";
import type { ActiveAlert } from "../evaluation/active-alert.ts";
import { decodeAlerts, encodeAlerts } from "./alert-codec.ts";

/** The part of a JetStream bucket that the state needs. */
export interface StateBucket {
  get(key: string): Promise<{ readonly operation: string; readonly value: Uint8Array } | null>;
  put(key: string, value: Uint8Array | string): Promise<number>;
  purge(key: string): Promise<void>;
}

const storedGroup = z.object({ lastEvaluationMs: z.number() });

/**
 * The state of groups and alerts, in a bucket that all rulers share; whoever holds a group's lease reads and writes it.
 * Keys: `group.<group>` and `rule.<group>.<rule>`.
 */
export class AlertStateStore {
  readonly #bucket: StateBucket;
  readonly #logger: Logger;

  constructor(bucket: StateBucket, logger: Logger) {
    this.#bucket = bucket;
    this.#logger = logger;
  }

  /** The slot that was evaluated last; undefined for a group that nobody evaluated yet. */
  async readGroup(group: string): Promise<number | undefined> {
    const bytes = await this.#read(`group.${group}`);
    if (bytes === undefined) return undefined;
    const parsed = storedGroup.safeParse(parseJson(Buffer.from(bytes).toString()));
    return parsed.success ? parsed.data.lastEvaluationMs : undefined;
  }

  async writeGroup(group: string, lastEvaluationMs: number): Promise<void> {
    await this.#bucket.put(`group.${group}`, JSON.stringify({ lastEvaluationMs }));
  }

  /** No alerts where nothing is kept or what is kept cannot be read; the log tells the difference. */
  async readAlerts(group: string, rule: string): Promise<readonly ActiveAlert[]> {
    const bytes = await this.#read(ruleEntry(group, rule));
    if (bytes === undefined) return [];
    try {
      return await decodeAlerts(bytes);
    } catch (error) {
      this.#logger.error({ group, rule, reason: messageOf(error) }, "alert state cannot be read");
      return [];
    }
  }

  async writeAlerts(group: string, rule: string, alerts: readonly ActiveAlert[]): Promise<void> {
    if (alerts.length === 0) await this.#bucket.purge(ruleEntry(group, rule));
    else await this.#bucket.put(ruleEntry(group, rule), await encodeAlerts(alerts));
  }

  /** Forgets a group that is gone, with the alerts of these rules. */
  async forget(group: string, rules: readonly string[]): Promise<void> {
    for (const rule of rules) await this.#bucket.purge(ruleEntry(group, rule));
    await this.#bucket.purge(`group.${group}`);
  }

  async #read(key: string): Promise<Uint8Array | undefined> {
    const entry = await this.#bucket.get(key);
    return entry?.operation === "PUT" ? entry.value : undefined;
  }
}

function ruleEntry(group: string, rule: string): string {
  return `rule.${group}.${rule}`;
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
