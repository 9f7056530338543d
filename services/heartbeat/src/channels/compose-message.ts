import { alertLabels, nameOf } from "../alerts/check-alert.ts";
import { endOf } from "../alerts/last-words.ts";
import type { LoadedCheck } from "../checks/check-store.ts";
import type { ChannelMessage } from "./channel-message.ts";
import { noticeIdOf, type Notice } from "./notice.ts";
import type { PlaceholderValues } from "./placeholders.ts";

/** The last ping, as far as it is known. */
export interface LastPing {
  readonly body: Uint8Array | undefined;
  readonly exitStatus: number | undefined;
}

export interface MessageParts {
  readonly key: string;
  readonly check: LoadedCheck;
  readonly notice: Notice;
  readonly projectName: string;
  /** Never rejects. */
  readonly lastPing: () => Promise<LastPing>;
  /** As the API shows the check. */
  readonly checkJson: (check: LoadedCheck) => unknown;
  readonly nowMs: number;
}

/** What a channel is told of a check. */
export async function composeMessage(parts: MessageParts): Promise<ChannelMessage> {
  const { key, check, notice } = parts;
  const { definition } = check;
  return {
    status: notice.to,
    checkId: definition.id,
    title: titleOf(parts),
    text: await textOf(parts),
    flipMs: notice.flipMs,
    id: noticeIdOf(key, notice),
    placeholders: async () => placeholdersOf(parts),
  };
}

function titleOf({ check: { definition }, notice: { to, repeat } }: MessageParts): string {
  const name = nameOf(definition).replaceAll(/\p{Cc}+/gu, " ");
  if (to === "up") return `${name} is UP`;
  return repeat === 0 ? `${name} is DOWN` : `${name} is still DOWN`;
}

const REASONS = { "": "", fail: "The job reported a failure.", timeout: "No ping came in time." } as const;

async function textOf(parts: MessageParts): Promise<string> {
  const { check, notice, projectName, lastPing } = parts;
  const { definition, state } = check;
  const { body } = notice.to === "down" ? await lastPing() : { body: undefined };
  const labels = alertLabels(definition, projectName);
  const lines = [
    REASONS[notice.reason],
    notice.repeat === 0 ? "" : `Down since ${new Date(notice.flipMs).toISOString()}.`,
    state.lastPingMs === undefined ? "" : `Last ping: ${new Date(state.lastPingMs).toISOString()}.`,
    `Project: ${projectName}.`,
    labels["tags"] === undefined ? "" : `Tags: ${labels["tags"]}.`,
    definition.description,
    body === undefined ? "" : endOf(body),
  ];
  return lines.filter((line) => line !== "").join("\n");
}

async function placeholdersOf({ check, notice, lastPing, checkJson, nowMs }: MessageParts): Promise<PlaceholderValues> {
  const { definition } = check;
  const { body, exitStatus } = await lastPing();
  const text = body === undefined ? "" : Buffer.from(body).toString("utf8");
  return {
    CODE: definition.id,
    STATUS: notice.to,
    NOW: `${new Date(nowMs).toISOString().slice(0, 19)}+00:00`,
    NAME: nameOf(definition),
    NAME_JSON: JSON.stringify(nameOf(definition)),
    SLUG: definition.slug,
    TAGS: definition.tags.join(" "),
    JSON: JSON.stringify(checkJson(check)),
    BODY: text,
    BODY_JSON: JSON.stringify(text),
    EXITSTATUS: String(exitStatus ?? -1),
    tags: definition.tags,
  };
}
