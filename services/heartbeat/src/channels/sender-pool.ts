import type { ChannelConfig } from "../projects/channel-config.ts";
import type { MessageSender } from "./channel-message.ts";
import { ReceiverSender, type SenderContext } from "./receiver-sender.ts";
import { WebhookSender } from "./webhook-sender.ts";

interface Kept {
  readonly channel: ChannelConfig;
  readonly sender: MessageSender;
}

/** Senders by channel, made when first needed, and anew after a reload of the configuration. */
export class SenderPool {
  readonly #context: SenderContext;
  readonly #kept = new Map<string, Kept>();

  constructor(context: SenderContext) {
    this.#context = context;
  }

  of(channel: ChannelConfig): MessageSender {
    const kept = this.#kept.get(channel.id);
    if (kept?.channel === channel) return kept.sender;
    kept?.sender.close();
    const sender = channel.kind === "webhook" ? new WebhookSender(channel) : new ReceiverSender(channel, this.#context);
    this.#kept.set(channel.id, { channel, sender });
    return sender;
  }

  close(): void {
    for (const { sender } of this.#kept.values()) sender.close();
    this.#kept.clear();
  }
}
