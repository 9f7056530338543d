import { type ConfigNode, httpClientFromSection, type Located, Secret } from "@monotreme/prometheus-config";
import type { Receiver } from "../receivers/receiver.ts";
import { webhookKind, type WebhookSection } from "../receivers/webhook-section.ts";
import type { ReceiverSection } from "../receivers/receiver-section.ts";
import type { NtfyConfig } from "./ntfy-config.ts";
import type { NtfyOptions } from "./ntfy-options.ts";
import type { NtfyFile, ReceiverOptions } from "./ntfy-section.ts";

/** What tells a webhook that it is ntfy's, at the end of its address. */
const FRAGMENT = "#ntfy";

type WebhookParts = Pick<Receiver, "webhookConfigs" | "ntfyConfigs">;

/**
 * Takes the webhooks of each receiver apart into plain ones and those of ntfy, the latter with their options of the
 * side file. Faults where the side file names what is not there.
 */
export function joinNtfy(
  receivers: readonly Located<ReceiverSection>[],
  file: NtfyFile | undefined,
  root: ConfigNode | undefined,
): readonly WebhookParts[] {
  checkReceiverNames(receivers, file, root);
  return receivers.map(({ value: receiver }) => {
    const isNtfy = ({ value }: Located<WebhookSection>): boolean => value.url?.reveal().endsWith(FRAGMENT) === true;
    const entries = receiver.webhookConfigs.filter(isNtfy);
    const options = optionsFor(entries.length, ownOptions(file, receiver.name), root);
    return {
      webhookConfigs: receiver.webhookConfigs
        .filter((entry) => !isNtfy(entry))
        .map(({ value }) => webhookKind.configFrom(value)),
      ntfyConfigs: entries.map((entry, at) => ntfyConfigFrom(entry, options[at], file?.defaults)),
    };
  });
}

function ownOptions(file: NtfyFile | undefined, name: string): ReceiverOptions | undefined {
  return file !== undefined && Object.hasOwn(file.receivers, name) ? file.receivers[name] : undefined;
}

function checkReceiverNames(
  receivers: readonly Located<ReceiverSection>[],
  file: NtfyFile | undefined,
  root: ConfigNode | undefined,
): void {
  const names = new Set(receivers.map(({ value }) => value.name));
  for (const name of Object.keys(file?.receivers ?? {}).filter((each) => !names.has(each))) {
    root?.fault(`receiver ${JSON.stringify(name)} is not in the alertmanager's configuration`);
  }
}

/** One set of options for each entry. */
function optionsFor(
  count: number,
  own: ReceiverOptions | undefined,
  root: ConfigNode | undefined,
): readonly (NtfyOptions | undefined)[] {
  if (own === undefined) return [];
  const node = "node" in own ? own.node : (own[0]?.node ?? root);
  if (count === 0) node?.fault(`the receiver has no webhook_configs entry whose url ends in ${FRAGMENT}`);
  if ("node" in own) return Array.from({ length: count }, () => own.value);
  if (count > 0 && own.length !== count) {
    node?.fault(`the receiver has ${count} ntfy entries, and there are options for ${own.length}`);
  }
  return own.map(({ value }) => value);
}

function ntfyConfigFrom(
  { value: webhook, node }: Located<WebhookSection>,
  own: NtfyOptions | undefined,
  defaults: NtfyOptions | undefined,
): NtfyConfig {
  if (webhook.payload !== undefined) node.warn("payload means nothing to ntfy and is ignored");
  const pick = <K extends keyof NtfyOptions>(name: K): NtfyOptions[K] => own?.[name] ?? defaults?.[name];
  const standard = (name: "title" | "message" | "priority" | "click"): string =>
    pick(name) ?? `{{ template "ntfy.default.${name}" . }}`;
  const http = pick("httpConfig");
  const fallback = webhookKind.configFrom(webhook);
  const silence = pick("silenceAction") ?? { enabled: true, durationsMs: [], mode: "view" as const };
  return {
    ...addressOf(webhook, own, defaults),
    ...credentialsOf(own, defaults),
    sendResolved: pick("sendResolved") ?? fallback.sendResolved,
    httpConfig: http === undefined ? fallback.httpConfig : httpClientFromSection(http),
    topic: pick("topic") ?? "",
    title: standard("title"),
    message: standard("message"),
    priority: standard("priority"),
    tags: pick("tags") ?? ['{{ template "ntfy.default.tags" . }}'],
    click: standard("click"),
    actions: pick("actions") ?? [],
    silenceAction: silence.enabled ? { durationsMs: silence.durationsMs, mode: silence.mode } : undefined,
    icon: pick("icon") ?? "",
    attach: pick("attach") ?? "",
    filename: pick("filename") ?? "",
    markdown: pick("markdown") ?? false,
    delay: pick("delay") ?? "",
    email: pick("email") ?? "",
    call: pick("call") ?? "",
    mode: pick("mode") ?? "group",
    maxAlerts: pick("maxAlerts") ?? webhook.maxAlerts,
    update: pick("update") ?? true,
    onResolve: pick("onResolve") ?? "update",
    rateLimit: pick("rateLimit") ?? { burst: 60, refillMs: 5000 },
    timeoutMs: pick("timeoutMs") ?? (webhook.timeoutMs || 30_000),
  };
}

function addressOf(
  webhook: WebhookSection,
  own: NtfyOptions | undefined,
  defaults: NtfyOptions | undefined,
): Pick<NtfyConfig, "url" | "urlFile"> {
  const given = [own, defaults].find((options) => options?.url !== undefined || options?.urlFile !== undefined);
  const { url, urlFile } = given ?? { url: webhook.url, urlFile: undefined };
  return { url: url && new Secret(withoutFragment(url.reveal())), urlFile };
}

function withoutFragment(address: string): string {
  return address.endsWith(FRAGMENT) ? address.slice(0, -FRAGMENT.length) : address;
}

type Credentials = Pick<NtfyConfig, "token" | "tokenFile" | "username" | "password" | "passwordFile">;

/** All of one place: a token of the receiver must not meet the user of the defaults. */
function credentialsOf(own: NtfyOptions | undefined, defaults: NtfyOptions | undefined): Credentials {
  const given = [own, defaults].find(
    (options) => (options?.token ?? options?.tokenFile ?? options?.username) !== undefined,
  );
  return {
    token: given?.token,
    tokenFile: given?.tokenFile,
    username: given?.username ?? "",
    password: given?.password,
    passwordFile: given?.passwordFile,
  };
}
