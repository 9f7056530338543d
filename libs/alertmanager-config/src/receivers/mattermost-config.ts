import type { Secret } from "@monotreme/prometheus-config";
import type { HttpIntegrationConfig, MessageField } from "./integration-config.ts";

/** What one attachment shows; all texts are templates. */
export interface MattermostAttachment {
  readonly fallback: string;
  readonly color: string;
  readonly pretext: string;
  readonly text: string;
  readonly authorName: string;
  readonly authorLink: string;
  readonly authorIcon: string;
  readonly title: string;
  readonly titleLink: string;
  readonly fields: readonly MessageField[];
  readonly thumbUrl: string;
  readonly footer: string;
  readonly footerIcon: string;
  readonly imageUrl: string;
}

/** How urgent a message is shown. */
export interface MattermostPriority {
  readonly priority: string;
  readonly requestedAck: boolean;
  readonly persistentNotifications: boolean;
}

/** One entry of `mattermost_configs`; the attachment's fields stand in the entry itself. */
export interface MattermostConfig extends HttpIntegrationConfig, MattermostAttachment {
  readonly webhookUrl: Secret | undefined;
  readonly webhookUrlFile: string | undefined;
  readonly channel: string;
  readonly username: string;
  readonly iconUrl: string;
  readonly iconEmoji: string;
  /** Deprecated upstream; sent instead of the attachment above where there are any. */
  readonly attachments: readonly MattermostAttachment[];
  readonly type: string;
  readonly props: { readonly card: string } | undefined;
  readonly priority: MattermostPriority | undefined;
}
