import { type Bus, translateBusError } from "@monotreme/bus";
import {
  type AlertEvent,
  type AlertEventsMessage,
  ALERTS_PER_MESSAGE,
  alertsSubject,
  DEFAULT_TENANT,
} from "@monotreme/contracts";

/** Puts alerts into the stream of the alertmanager; rejects while it is away or full. */
export type SendAlerts = (alerts: readonly AlertEvent[], messageId?: string) => Promise<void>;

/** Sends over NATS; a message with an id that the stream has seen lately is dropped there. */
export function createAlertSender(bus: Bus): SendAlerts {
  return async (alerts, messageId) => {
    for (let from = 0; from < alerts.length; from += ALERTS_PER_MESSAGE) {
      const message: AlertEventsMessage = {
        tenant: DEFAULT_TENANT,
        alerts: alerts.slice(from, from + ALERTS_PER_MESSAGE),
      };
      const options = messageId === undefined ? {} : { msgID: `${messageId}/${from}` };
      try {
        await bus.jetstream.publish(alertsSubject("heartbeat"), JSON.stringify(message), options);
      } catch (error) {
        throw translateBusError(error, "send alerts");
      }
    }
  };
}
