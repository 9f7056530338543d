import { truncateRunes } from "../truncate-text.ts";
import { fitText, type NtfyText } from "./ntfy-text.ts";

/** ntfy's own default for one message; longer text would become an attachment. */
export const MESSAGE_LIMIT_BYTES = 4096;
const MAX_TITLE_RUNES = 250;
const SHORT_TITLE_RUNES = 80;
const LEAST_TEXT_BYTES = 200;

/** A button, as ntfy's JSON has it. */
export type NtfyButton =
  | { readonly action: "view"; readonly label: string; readonly url: string; readonly clear?: boolean }
  | {
      readonly action: "http";
      readonly label: string;
      readonly url: string;
      readonly method?: string;
      readonly headers?: Readonly<Record<string, string>>;
      readonly body?: string;
      readonly clear?: boolean;
    }
  | {
      readonly action: "broadcast";
      readonly label: string;
      readonly intent?: string;
      readonly extras?: Readonly<Record<string, string>>;
      readonly clear?: boolean;
    }
  | { readonly action: "copy"; readonly label: string; readonly value: string; readonly clear?: boolean };

/** A message before it is cut to a server's bounds; undefined fields are not sent. */
export interface NtfyDraft {
  readonly topic: string;
  readonly sequenceId: string | undefined;
  readonly title: string | undefined;
  readonly text: NtfyText;
  readonly priority: number | undefined;
  readonly tags: readonly string[];
  readonly click: string | undefined;
  readonly actions: readonly NtfyButton[];
  readonly icon: string | undefined;
  readonly attach: string | undefined;
  readonly filename: string | undefined;
  readonly markdown: boolean;
  readonly delay: string | undefined;
  readonly email: string | undefined;
  readonly call: string | undefined;
}

/**
 * The JSON body of a draft. The text has at most `messageLimitBytes` and the body at most twice as many, as ntfy asks;
 * where it would have more, the text gets shorter, then the buttons go from the last, then the title gets short.
 */
export function encodeDraft(draft: NtfyDraft, messageLimitBytes: number): string {
  const maxBytes = 2 * messageLimitBytes;
  let actions = draft.actions;
  let titleRunes = MAX_TITLE_RUNES;
  for (;;) {
    const body = encodeWithin({ ...draft, actions }, titleRunes, messageLimitBytes, maxBytes);
    if (body !== undefined) return body;
    if (actions.length > 0) actions = actions.slice(0, -1);
    else if (titleRunes > SHORT_TITLE_RUNES) titleRunes = SHORT_TITLE_RUNES;
    else return bareBody(draft, messageLimitBytes);
  }
}

/** Shortens the text until the body fits; undefined where too little of it would be left. */
function encodeWithin(
  draft: NtfyDraft,
  titleRunes: number,
  messageLimitBytes: number,
  maxBytes: number,
): string | undefined {
  for (let textBytes = messageLimitBytes; ; ) {
    const text = fitText(draft.text, textBytes);
    const body = JSON.stringify(fieldsOf(draft, titleRunes, text));
    const excess = Buffer.byteLength(body) - maxBytes;
    if (excess <= 0) return body;
    // Escapes make a byte of text up to six bytes of JSON; a sixth of the excess surely has to go.
    const next = Math.min(textBytes, Buffer.byteLength(text)) - Math.max(1, Math.ceil(excess / 6));
    if (next < LEAST_TEXT_BYTES) return undefined;
    textBytes = next;
  }
}

/** What is left where even the links are too long: where it goes and the beginning of what it says. */
function bareBody(draft: NtfyDraft, messageLimitBytes: number): string {
  const { topic, priority, sequenceId } = draft;
  const text = fitText(draft.text, Math.min(LEAST_TEXT_BYTES, messageLimitBytes));
  return JSON.stringify({ topic, sequence_id: sequenceId, message: text, priority });
}

function fieldsOf(draft: NtfyDraft, titleRunes: number, message: string): Record<string, unknown> {
  return {
    topic: draft.topic,
    sequence_id: draft.sequenceId,
    title: draft.title === undefined ? undefined : truncateRunes(draft.title, titleRunes),
    message,
    priority: draft.priority,
    tags: draft.tags.length === 0 ? undefined : draft.tags,
    click: draft.click,
    actions: draft.actions.length === 0 ? undefined : draft.actions,
    icon: draft.icon,
    attach: draft.attach,
    filename: draft.filename,
    markdown: draft.markdown ? true : undefined,
    delay: draft.delay,
    email: draft.email,
    call: draft.call,
  };
}
