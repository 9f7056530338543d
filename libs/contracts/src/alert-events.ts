/** Alert events of rulers and heartbeats on their way to the alertmanager; a work queue, bounded in bytes. */
export const ALERTS_STREAM = "ALERTS";

/** What the console shows live: flips, notifications, blocks. Bounded, the oldest go first. */
export const EVENTS_STREAM = "EVENTS";

/** Where a sender of alert events publishes; each message is one {@link AlertEventsMessage} as JSON. */
export function alertsSubject(source: AlertSource): string {
  return `alerts.${source}`;
}

/** Where one kind of live event is published. */
export function eventsSubject(kind: string): string {
  return `events.${kind}`;
}

/** The durable consumer of {@link ALERTS_STREAM}; the replica that dispatches reads it. */
export const ALERTMANAGER_CONSUMER = "alertmanager";

export type AlertSource = "ruler" | "heartbeat";

/** One alert as `POST /api/v2/alerts` of Alertmanager takes it; times are RFC 3339. */
export interface AlertEvent {
  readonly labels: Readonly<Record<string, string>>;
  readonly annotations: Readonly<Record<string, string>>;
  readonly startsAt: string;
  /** For a firing alert the moment after which it counts as resolved, unless it is sent again. */
  readonly endsAt: string;
  readonly generatorURL: string;
}

export interface AlertEventsMessage {
  readonly tenant: string;
  readonly alerts: readonly AlertEvent[];
}

/** At most this many alerts a message, so that none comes near the size limit. */
export const ALERTS_PER_MESSAGE = 256;
