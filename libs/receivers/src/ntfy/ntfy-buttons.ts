import type { NtfyAction, NtfyConfig } from "@monotreme/alertmanager-config";
import { formatDurationMs } from "@monotreme/model";

import type { NotificationData } from "../notification.ts";
import type { NtfyFields } from "./ntfy-fields.ts";
import { isWebUrl, linksOf, newSilenceUrl, silencedLabels } from "./ntfy-links.ts";
import type { NtfyButton } from "./ntfy-payload.ts";

/** ntfy takes three. */
const MAX_BUTTONS = 3;
/** A silence that is made at once needs a length. */
const DEFAULT_SILENCE_MS = 4 * 3_600_000;

/** What a silence button is to do when it is pressed. */
export interface SilenceTokenRequest {
  /** Equality matchers: label by label. */
  readonly labels: Readonly<Record<string, string>>;
  readonly durationMs: number;
}

/** An address that silences once, for whoever holds it, within a short time; it passes the broker in clear. */
export interface SilenceToken {
  readonly url: string;
  /** POST where not given. */
  readonly method?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
}

/** Makes the address behind a silence button; rejects where it cannot, and the button then opens the form. */
export type CreateSilenceToken = (request: SilenceTokenRequest) => Promise<SilenceToken>;

/** At most three: the configured buttons, or source and runbook or dashboard; then those that silence. */
export async function composeButtons(
  config: NtfyConfig,
  data: NotificationData,
  fields: NtfyFields,
  createSilenceToken: CreateSilenceToken | undefined,
): Promise<NtfyButton[]> {
  const silence = await silenceButtons(config, data, createSilenceToken);
  const configured = config.actions.map((action, index) => configuredButton(action, index, fields));
  const buttons = configured.length > 0 ? configured.filter((button) => button !== undefined) : ownButtons(data);
  // Configured buttons go before those that silence; the receiver's own make room, a tap on the message leads there too.
  const places = configured.length > 0 ? MAX_BUTTONS : MAX_BUTTONS - silence.length;
  return [...buttons.slice(0, places), ...silence].slice(0, MAX_BUTTONS);
}

function ownButtons(data: NotificationData): NtfyButton[] {
  const links = linksOf(data);
  const buttons: NtfyButton[] = [];
  if (links.source !== undefined) buttons.push({ action: "view", label: "Source", url: links.source });
  if (links.runbook !== undefined) buttons.push({ action: "view", label: "Runbook", url: links.runbook });
  if (links.dashboard !== undefined) buttons.push({ action: "view", label: "Dashboard", url: links.dashboard });
  return buttons;
}

function configuredButton(action: NtfyAction, index: number, fields: NtfyFields): NtfyButton | undefined {
  const name = `actions[${index}]`;
  const label = fields.render(`${name}.label`, action.label);
  if (label === undefined) return undefined;
  const clear = action.clear ? { clear: true } : {};
  if (action.action === "broadcast") {
    const intent = fields.render(`${name}.intent`, action.intent);
    const extras = renderEntries(`${name}.extras`, action.extras, fields);
    const given = { ...(intent !== undefined && { intent }), ...(extras !== undefined && { extras }) };
    return { action: "broadcast", label, ...given, ...clear };
  }
  if (action.action === "copy") {
    const value = fields.render(`${name}.value`, action.value);
    return value === undefined ? undefined : { action: "copy", label, value, ...clear };
  }
  const url = fields.render(`${name}.url`, action.url);
  if (url === undefined) return undefined;
  // A view may open any app's address (mailto:, geo:); a request goes to the web only.
  if (action.action === "view") return { action: "view", label, url, ...clear };
  if (!isWebUrl(url)) return undefined;
  const body = fields.render(`${name}.body`, action.body);
  const headers = renderEntries(`${name}.headers`, action.headers, fields);
  const given = {
    ...(action.method !== "" && { method: action.method }),
    ...(headers !== undefined && { headers }),
    ...(body !== undefined && { body }),
  };
  return { action: "http", label, url, ...given, ...clear };
}

function renderEntries(
  field: string,
  entries: Readonly<Record<string, string>>,
  fields: NtfyFields,
): Record<string, string> | undefined {
  const rendered = Object.entries(entries).map(([name, text]) => [name, fields.render(field, text) ?? ""] as const);
  return rendered.length === 0 ? undefined : Object.fromEntries(rendered);
}

async function silenceButtons(
  config: NtfyConfig,
  data: NotificationData,
  createSilenceToken: CreateSilenceToken | undefined,
): Promise<NtfyButton[]> {
  const labels = silencedLabels(data);
  const { silenceAction } = config;
  if (silenceAction === undefined || labels === undefined) return [];
  const form = (durationMs?: number): NtfyButton => {
    const length = durationMs === undefined ? undefined : formatDurationMs(durationMs);
    const label = length === undefined ? "Silence" : `Silence ${length}`;
    return { action: "view", label, url: newSilenceUrl(data.externalUrl, labels, length) };
  };
  const { durationsMs, mode } = silenceAction;
  if (mode === "view" && durationsMs.length === 0) return [form()];
  const durations = durationsMs.length === 0 ? [DEFAULT_SILENCE_MS] : durationsMs.slice(0, MAX_BUTTONS);
  if (mode === "view" || createSilenceToken === undefined) return durations.map(form);
  return Promise.all(
    durations.map(async (durationMs): Promise<NtfyButton> => {
      try {
        const token = await createSilenceToken({ labels, durationMs });
        return {
          action: "http",
          label: `Silence ${formatDurationMs(durationMs)}`,
          method: "POST",
          ...token,
          clear: true,
        };
      } catch {
        return form(durationMs);
      }
    }),
  );
}
