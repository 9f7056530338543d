import type { AlertEvent, AlertEventsMessage } from "@monotreme/contracts";
import { ALERTS_PER_MESSAGE, alertsSubject } from "@monotreme/contracts";

/** Publishes one message and resolves when JetStream has it. */
export type PublishMessage = (subject: string, data: string, messageId: string) => Promise<void>;

/**
 * Sends alerts to the stream of our own alertmanager. `id` is the same for every repeat of the same news, so that the
 * stream drops repeats. Rejects where a message was not accepted.
 */
export async function publishAlerts(
  publish: PublishMessage,
  tenant: string,
  id: string,
  alerts: readonly AlertEvent[],
): Promise<void> {
  for (let from = 0; from < alerts.length; from += ALERTS_PER_MESSAGE) {
    const message: AlertEventsMessage = { tenant, alerts: alerts.slice(from, from + ALERTS_PER_MESSAGE) };
    await publish(alertsSubject("ruler"), JSON.stringify(message), `${id}.${from / ALERTS_PER_MESSAGE}`);
  }
}
