import { type AlertmanagerConfig, parseAlertmanagerConfig, type Receiver } from "@monotreme/alertmanager-config";
import type { Secret } from "@monotreme/prometheus-config";
import {
  createIntegrations,
  createNotification,
  createNotificationTemplates,
  type Integration,
  type IntegrationContext,
  type NtfySurroundings,
} from "@monotreme/receivers";
import type { Logger } from "@monotreme/telemetry";
import type { EmailChannel, NtfyChannel } from "../projects/channel-config.ts";
import type { ChannelMessage, MessageSender } from "./channel-message.ts";

export interface SenderContext {
  readonly externalUrl: string;
  readonly logger: Logger;
  readonly now: () => number;
  /** What all channels know of ntfy's servers. */
  readonly ntfy: NtfySurroundings;
}

const TITLE = "{{ .CommonAnnotations.title }}";
const TEXT = "{{ .CommonAnnotations.text }}";
const TIMEOUT_MS = 30_000;

/** Sends by an integration of the alertmanager: ntfy, e-mail. */
export class ReceiverSender implements MessageSender {
  readonly #integration: Integration;
  readonly #context: SenderContext;

  constructor(channel: NtfyChannel | EmailChannel, context: SenderContext) {
    const receiver = channel.kind === "ntfy" ? ntfyReceiver(channel) : emailReceiver(channel);
    const [configured] = createIntegrations(receiver, integrationContext(context));
    if (configured === undefined) throw new Error(`no integration for channels of kind ${channel.kind}`);
    this.#integration = configured.integration;
    this.#context = context;
  }

  async send(message: ChannelMessage, outer: AbortSignal): Promise<void> {
    const { externalUrl, now } = this.#context;
    const { status, title, text, flipMs, checkId, id } = message;
    const at = new Date(flipMs).toISOString();
    const isUp = status === "up";
    const notification = createNotification({
      receiver: "channel",
      groupKey: id,
      groupLabels: {},
      routeLabels: {},
      reason: "first notification",
      alerts: [
        {
          labels: { alertname: title },
          annotations: { title, text },
          startsAt: at,
          endsAt: isUp ? at : null,
          generatorUrl: externalUrl,
          fingerprint: checkId.replaceAll("-", "").slice(0, 16),
        },
      ],
      flushMs: now(),
      receiverData: {},
      externalUrl,
    });
    await this.#integration.send(notification, AbortSignal.any([outer, AbortSignal.timeout(TIMEOUT_MS)]));
  }

  close(): void {
    this.#integration.close();
  }
}

function integrationContext({ externalUrl, logger, now, ntfy }: SenderContext): IntegrationContext {
  return {
    templates: createNotificationTemplates([], { now }),
    externalUrl,
    logger,
    now,
    ntfy,
    // The templates above only name annotations.
    onTemplateFailure: () => undefined,
  };
}

function ntfyReceiver(channel: NtfyChannel): Receiver {
  const receiver = receiverOf({ webhook_configs: [{ url: `${withoutFragment(channel.url)}#ntfy` }] });
  const ntfyConfigs = receiver.ntfyConfigs.map((config) => ({
    ...config,
    token: channel.token,
    tokenFile: channel.tokenFile,
    username: channel.username,
    password: channel.password,
    passwordFile: channel.passwordFile,
    title: TITLE,
    message: TEXT,
    priority: `{{ if eq .Status "firing" }}${channel.priorityDown}{{ else }}${channel.priorityUp}{{ end }}`,
    tags: [`{{ if eq .Status "firing" }}rotating_light{{ else }}white_check_mark{{ end }}`],
    silenceAction: undefined,
    update: false,
    onResolve: "new" as const,
  }));
  return { ...receiver, ntfyConfigs };
}

function emailReceiver(channel: EmailChannel): Receiver {
  const { host, port } = channel.smarthost;
  const receiver = receiverOf({
    email_configs: [
      {
        to: channel.to.join(", "),
        from: channel.from,
        smarthost: host.includes(":") ? `[${host}]:${port}` : `${host}:${port}`,
        require_tls: channel.isTlsRequired,
        headers: { Subject: TITLE },
        html: "",
        text: TEXT,
      },
    ],
  });
  const emailConfigs = receiver.emailConfigs.map((config) => ({
    ...config,
    authUsername: channel.username,
    authPassword: channel.password,
    authPasswordFile: channel.passwordFile,
  }));
  return { ...receiver, emailConfigs };
}

/** JSON is YAML, so the defaults of the alertmanager's own configuration hold here too. */
function receiverOf(section: object): Receiver {
  const text = JSON.stringify({ route: { receiver: "channel" }, receivers: [{ name: "channel", ...section }] });
  const config: AlertmanagerConfig = parseAlertmanagerConfig({ text, fileName: "channel", folder: "/" });
  const [receiver] = config.receivers;
  if (receiver === undefined) throw new Error("a channel makes no receiver");
  return receiver;
}

function withoutFragment(url: Secret): string {
  return url.reveal().replace(/#.*$/s, "");
}
