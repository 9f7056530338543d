import { messageOf } from "@monotreme/errors";
import type { Logger } from "@monotreme/telemetry";
import type { AlertingRule } from "../evaluation/alerting-rule.ts";
import type { GroupDefinition } from "../evaluation/group-definition.ts";
import { stateSignature } from "../state/alert-codec.ts";
import type { AlertStateStore } from "../state/alert-state-store.ts";
import { alertEvent } from "./alert-event.ts";
import { type PublishMessage, publishAlerts } from "./alert-publisher.ts";
import type { Notifier } from "./notifier.ts";

export const DELIVERY_STEPS = ["state", "stream"] as const;

export interface AlertDeliveryOptions {
  readonly store: AlertStateStore;
  readonly notifier: Pick<Notifier, "prepare" | "send">;
  /** Undefined: nothing goes to the stream of our own alertmanager. */
  readonly publish: PublishMessage | undefined;
  readonly resendDelayMs: number;
  readonly externalUrl: string;
  readonly onFailed: (step: (typeof DELIVERY_STEPS)[number]) => void;
  readonly onPublished: (alerts: number) => void;
  readonly logger: Logger;
}

/** Keeps the alerts of the rules of one group in the bucket and sends their news. */
export class AlertDelivery {
  readonly #options: AlertDeliveryOptions;
  readonly #group: string;
  readonly #definition: GroupDefinition;
  /** What stands in the bucket, by rule. */
  readonly #saved = new Map<string, string>();

  constructor(group: string, definition: GroupDefinition, options: AlertDeliveryOptions) {
    this.#group = group;
    this.#definition = definition;
    this.#options = options;
  }

  /** What was read from the bucket needs not be written again. */
  restored(ruleKey: string, rule: AlertingRule): void {
    this.#saved.set(ruleKey, stateSignature(rule.alerts));
  }

  /**
   * A change of state is kept before anybody hears of it, and that it was sent is kept after: whoever takes over in
   * between sends it again, under the same id. Faults are counted and made up for by the next evaluation.
   */
  async deliver(ruleKey: string, rule: AlertingRule, tsMs: number): Promise<void> {
    const { notifier, publish, resendDelayMs, externalUrl, logger } = this.#options;
    await this.#save(ruleKey, rule);
    const alerts = rule.alertsToSend(tsMs, resendDelayMs);
    if (alerts.length === 0) return;
    const { tenant, intervalMs } = this.#definition;
    const options = { tsMs, intervalMs, resendDelayMs, expr: rule.query, externalUrl };
    const events = notifier.prepare(alerts.map((alert) => alertEvent(alert, options)));
    notifier.send(events);
    try {
      if (publish !== undefined) await publishAlerts(publish, tenant, `${this.#group}.${ruleKey}.${tsMs}`, events);
      this.#options.onPublished(events.length);
    } catch (error) {
      this.#options.onFailed("stream");
      logger.error({ alerts: events.length, reason: messageOf(error) }, "alerts not published");
      return;
    }
    for (const alert of alerts) alert.lastSentAtMs = tsMs;
    await this.#save(ruleKey, rule);
  }

  async #save(ruleKey: string, rule: AlertingRule): Promise<void> {
    const { alerts } = rule;
    const signature = stateSignature(alerts);
    if (signature === (this.#saved.get(ruleKey) ?? "")) return;
    try {
      await this.#options.store.writeAlerts(this.#group, ruleKey, alerts);
      this.#saved.set(ruleKey, signature);
    } catch (error) {
      this.#options.onFailed("state");
      this.#options.logger.error({ reason: messageOf(error) }, "alert state not kept");
    }
  }
}
