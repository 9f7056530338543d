import { truncateBytes } from "../truncate-text.ts";

/**
 * Stands between two alerts in a rendered message (U+001E). Where a message is too long, whole alerts are left out and
 * counted; a message without it is cut at its end.
 */
export const ALERT_SEPARATOR = "\u001e";

/** A message as the parts it may be cut into. */
export interface NtfyText {
  /** One an alert; never shown in part except for the first. */
  readonly parts: readonly string[];
  /** Alerts that the message is not to name, only to count. */
  readonly hidden: number;
  /** What is said at the end in any case, such as that a template failed; empty for nothing. */
  readonly footer: string;
}

/** Splits a rendered message into its alerts; those beyond `maxAlerts` (0: none) are only counted. */
export function textFromMessage(message: string, footer = "", maxAlerts = 0): NtfyText {
  const trimmed = message.split(ALERT_SEPARATOR).map((part) => part.trim());
  const parts = trimmed.filter((part) => part !== "");
  const shown = maxAlerts > 0 ? parts.slice(0, maxAlerts) : parts;
  return { parts: shown, hidden: parts.length - shown.length, footer };
}

/** The text within `maxBytes` of UTF-8: all parts, or as many whole ones as fit and "+n more". */
export function fitText(text: NtfyText, maxBytes: number): string {
  const { parts, footer } = text;
  const whole = joinLines([...parts, moreLine(text.hidden), footer]);
  if (Buffer.byteLength(whole) <= maxBytes) return whole;
  const kept: string[] = [];
  let sizeBytes = 0;
  for (const part of parts) {
    const nextBytes = sizeBytes + Buffer.byteLength(part) + 1;
    if (nextBytes + endingBytes(text.hidden + parts.length - kept.length - 1, footer) > maxBytes) break;
    kept.push(part);
    sizeBytes = nextBytes;
  }
  if (kept.length === 0) kept.push(firstPart(text, maxBytes));
  const hidden = text.hidden + Math.max(0, parts.length - kept.length);
  return truncateBytes(joinLines([...kept, moreLine(hidden), footer]), maxBytes);
}

/** The first alert alone is too long: it is cut so that the ending still stands. */
function firstPart({ parts, hidden, footer }: NtfyText, maxBytes: number): string {
  const ending = endingBytes(hidden + parts.length - 1, footer);
  return truncateBytes(parts[0] ?? "", Math.max(0, maxBytes - (ending === 0 ? 0 : ending + 1)));
}

function endingBytes(hidden: number, footer: string): number {
  return Buffer.byteLength(joinLines([moreLine(hidden), footer]));
}

function moreLine(hidden: number): string {
  return hidden > 0 ? `+${hidden} more` : "";
}

function joinLines(lines: readonly string[]): string {
  return lines.filter((line) => line !== "").join("\n");
}
