const MARKER = "…";
const MARKER_BYTES = 3;

/**
 * At most `maxRunes` Unicode code points, as upstream shortens: the last one is then an ellipsis, except where three or
 * fewer are allowed.
 */
export function truncateRunes(text: string, maxRunes: number): string {
  if (text.length <= maxRunes) return text;
  const runes = Array.from(text);
  if (runes.length <= maxRunes) return text;
  if (maxRunes <= MARKER_BYTES) return runes.slice(0, maxRunes).join("");
  return `${runes.slice(0, maxRunes - 1).join("")}${MARKER}`;
}

/** At most `maxBytes` of UTF-8, never with a part of a character; ends in an ellipsis (three bytes) where cut. */
export function truncateBytes(text: string, maxBytes: number): string {
  if (text.length * 3 <= maxBytes || Buffer.byteLength(text) <= maxBytes) return text;
  if (maxBytes < MARKER_BYTES) return ".".repeat(Math.max(0, maxBytes));
  const bytes = Buffer.from(text.slice(0, maxBytes));
  let end = maxBytes - MARKER_BYTES;
  while (end > 0 && isContinuation(bytes[end])) end -= 1;
  return `${bytes.toString("utf8", 0, end)}${MARKER}`;
}

function isContinuation(byte: number | undefined): boolean {
  return byte !== undefined && (byte & 0xc0) === 0x80;
}
