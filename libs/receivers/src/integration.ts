import type { Environment } from "@monotreme/http-client";
import type { Logger } from "@monotreme/telemetry";
import type { Notification } from "./notification.ts";
import type { NotificationTemplates } from "./notification-templates.ts";
import type { CreateSilenceToken } from "./ntfy/ntfy-buttons.ts";
import type { NtfyServers } from "./ntfy/ntfy-server.ts";

/** What a delivery leaves for the next one of the same group. */
export interface DeliveryResult {
  /** Replaces what the notification log holds for this group and integration; absent: keep it. */
  readonly receiverData?: Readonly<Record<string, string>>;
}

/** One entry of one receiver: knows how to speak to a service. Holds connections, no state of alerts. */
export interface Integration {
  /** The kind, as metrics and the notification log name it: "webhook", "slack". */
  readonly name: string;
  /**
   * Sends once. Rejects with a `DeliveryError` that says whether another try makes sense; ends soon after the signal
   * aborts. Bodies of answers are read up to a bound, and no error text holds a secret.
   */
  send(notification: Notification, signal: AbortSignal): Promise<DeliveryResult>;
  /** Closes kept connections. */
  close(): void;
}

/** What all integrations of ntfy share, over reloads of the configuration. */
export interface NtfySurroundings {
  readonly servers: NtfyServers;
  /** Missing: buttons open the prefilled form instead of silencing at once. */
  readonly createSilenceToken?: CreateSilenceToken;
}

/** What integrations need from their surroundings. */
export interface IntegrationContext {
  readonly templates: NotificationTemplates;
  readonly externalUrl: string;
  readonly logger: Logger;
  /** Epoch milliseconds. */
  now(): number;
  /** Where `proxy_from_environment` looks. */
  readonly environment?: Environment;
  /** Missing: each integration counts for itself what a server takes. */
  readonly ntfy?: NtfySurroundings;
  /** Called for each field whose template failed to expand; the notification goes out with a text that says so. */
  onTemplateFailure(integration: string): void;
}

/** An integration and where it stands in its receiver. */
export interface ConfiguredIntegration {
  readonly integration: Integration;
  /** The integration's name again, for keys. */
  readonly name: string;
  /** Its place among the receiver's entries of the same kind. */
  readonly index: number;
  readonly sendResolved: boolean;
}
