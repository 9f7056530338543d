import type { DiscordConfig } from "@monotreme/alertmanager-config";
import { type GoJsonValue, orOmitted } from "../delivery/go-json.ts";
import { readSecret } from "../delivery/read-secret.ts";
import { ServiceClient } from "../delivery/service-client.ts";
import type { DeliveryResult, Integration, IntegrationContext } from "../integration.ts";
import type { Notification } from "../notification.ts";
import { MessageExpander } from "../templates/message-expander.ts";
import { truncateRunes } from "../truncate-text.ts";

/** Limits of Discord's messages and embeds, in characters. */
const MAX_TITLE_RUNES = 256;
const MAX_DESCRIPTION_RUNES = 4096;
const MAX_CONTENT_RUNES = 2000;

const RED = 0x99_2d_22;
const GREEN = 0x2e_cc_71;

/** Posts an embed to a Discord webhook. */
export class DiscordIntegration implements Integration {
  readonly name = "discord";
  readonly #config: DiscordConfig;
  readonly #context: IntegrationContext;
  readonly #client: ServiceClient;

  constructor(config: DiscordConfig, context: IntegrationContext) {
    this.#config = config;
    this.#context = context;
    this.#client = new ServiceClient(config.httpConfig, context);
  }

  async send(notification: Notification, signal: AbortSignal): Promise<DeliveryResult> {
    const url = await readSecret(this.#config.webhookUrl, this.#config.webhookUrlFile);
    await this.#client.deliver({ url, json: this.#message(notification), signal });
    return {};
  }

  close(): void {
    this.#client.close();
  }

  #message(notification: Notification): GoJsonValue {
    const config = this.#config;
    const expander = new MessageExpander(this.name, notification, this.#context);
    const username = expander.value("username", config.username);
    const avatarUrl = expander.value("avatar_url", config.avatarUrl);
    const content = expander.text("content", config.content);
    const title = expander.line("title", config.title);
    const message = expander.withProblems(expander.text("message", config.message));
    return {
      content: truncateRunes(content, MAX_CONTENT_RUNES),
      embeds: [
        {
          title: truncateRunes(title, MAX_TITLE_RUNES),
          description: truncateRunes(message, MAX_DESCRIPTION_RUNES),
          color: notification.data.status === "firing" ? RED : GREEN,
        },
      ],
      username: orOmitted(username),
      // Discord refuses the whole message for an address that is none.
      avatar_url: URL.canParse(avatarUrl) ? avatarUrl : undefined,
    };
  }
}
