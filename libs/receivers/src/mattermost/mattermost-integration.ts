import type { MattermostConfig } from "@monotreme/alertmanager-config";

import { type GoJsonValue, orOmitted } from "../delivery/go-json.ts";
import { readSecret } from "../delivery/read-secret.ts";
import { ServiceClient } from "../delivery/service-client.ts";
import type { DeliveryResult, Integration, IntegrationContext } from "../integration.ts";
import type { Notification } from "../notification.ts";
import { MessageExpander } from "../templates/message-expander.ts";
import { truncateRunes } from "../truncate-text.ts";
import { composeAttachment, MAX_TEXT_RUNES } from "./mattermost-attachment.ts";
import { composePriority } from "./mattermost-priority.ts";

/** Posts to an incoming webhook of Mattermost. */
export class MattermostIntegration implements Integration {
  readonly name = "mattermost";
  readonly #config: MattermostConfig;
  readonly #context: IntegrationContext;
  readonly #client: ServiceClient;

  constructor(config: MattermostConfig, context: IntegrationContext) {
    this.#config = config;
    this.#context = context;
    this.#client = new ServiceClient(config.httpConfig, context);
  }

  async send(notification: Notification, signal: AbortSignal): Promise<DeliveryResult> {
    const { webhookUrl, webhookUrlFile } = this.#config;
    const expander = new MessageExpander(this.name, notification, this.#context);
    const url = await readSecret(webhookUrl, webhookUrlFile);
    await this.#client.deliver({ url, json: this.#message(expander), signal });
    return {};
  }

  close(): void {
    this.#client.close();
  }

  #message(expander: MessageExpander): GoJsonValue {
    const config = this.#config;
    const card = config.props === undefined ? "" : expander.value("props.card", config.props.card);
    const options = {
      channel: orOmitted(expander.value("channel", config.channel)),
      username: orOmitted(expander.value("username", config.username)),
      icon_url: orOmitted(expander.value("icon_url", config.iconUrl)),
      icon_emoji: orOmitted(expander.value("icon_emoji", config.iconEmoji)),
    };
    const rest = {
      type: orOmitted(expander.value("type", config.type)),
      props: card === "" ? undefined : { card },
      priority: composePriority(config.priority, expander),
    };
    return { ...this.#texts(expander, options), ...rest };
  }

  /** The message as one attachment; with the deprecated `attachments` the text stands above those. */
  #texts(expander: MessageExpander, options: Readonly<Record<string, GoJsonValue>>): Record<string, GoJsonValue> {
    const { attachments, text } = this.#config;
    if (attachments.length === 0) return { ...options, attachments: [composeAttachment(this.#config, expander)] };
    const composed = attachments.map((attachment) => composeAttachment(attachment, expander));
    const shown = truncateRunes(expander.withProblems(expander.text("text", text)), MAX_TEXT_RUNES);
    return { text: shown, ...options, attachments: composed };
  }
}
