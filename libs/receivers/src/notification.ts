/** One alert as receivers see it. Plain data, so that it can stand in a queued job. */
export interface NotificationAlert {
  readonly labels: Readonly<Record<string, string>>;
  readonly annotations: Readonly<Record<string, string>>;
  /** RFC 3339, up to nanoseconds. */
  readonly startsAt: string;
  /** RFC 3339 once the alert is resolved, `null` while it fires. */
  readonly endsAt: string | null;
  readonly generatorUrl: string;
  /** FNV-1a over the labels, 16 hexadecimal digits. */
  readonly fingerprint: string;
}

export type NotificationStatus = "firing" | "resolved";

/** What templates call `.`: the fields of upstream's template data, with the names that JSON gives them. */
export interface NotificationData {
  /** The receiver's name, with the characters of regular expressions quoted as upstream does. */
  readonly receiver: string;
  readonly status: NotificationStatus;
  readonly alerts: readonly NotificationAlert[];
  readonly notificationReason: string;
  readonly groupLabels: Readonly<Record<string, string>>;
  readonly commonLabels: Readonly<Record<string, string>>;
  readonly commonAnnotations: Readonly<Record<string, string>>;
  readonly routeLabels: Readonly<Record<string, string>>;
  readonly externalUrl: string;
}

/** What a notification is made from; plain data that survives JSON. */
export interface NotificationInput {
  /** The receiver's name as configured. */
  readonly receiver: string;
  readonly groupKey: string;
  readonly groupLabels: Readonly<Record<string, string>>;
  readonly routeLabels: Readonly<Record<string, string>>;
  /** Why it is sent, in upstream's words ("first notification", …). */
  readonly reason: string;
  /** In the order in which they are shown; never empty. */
  readonly alerts: readonly NotificationAlert[];
  /** Epoch milliseconds of the flush that this notification belongs to. */
  readonly flushMs: number;
  /** What earlier deliveries of this group to this integration left in the notification log (message ids). */
  readonly receiverData: Readonly<Record<string, string>>;
  readonly externalUrl: string;
}

/** One message to one integration. */
export interface Notification extends NotificationInput {
  readonly data: NotificationData;
  /** SHA-256 of the group key, 64 hexadecimal digits: the key by which services tell groups apart. */
  readonly groupKeyHash: string;
}
