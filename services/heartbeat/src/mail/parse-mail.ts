import { decodeBase64, decodeQuotedPrintable, decodeText, decodeWords } from "./mail-encodings.ts";

/** What filters look at of a mail. */
export interface ParsedMail {
  readonly subject: string;
  /** All parts of plain text and HTML (its tags left out), one after the other. */
  readonly text: string;
}

interface Entity {
  readonly headers: ReadonlyMap<string, string>;
  /** One character for each byte. */
  readonly body: string;
}

/** Deeper or more parts are not looked at. */
const MAX_DEPTH = 8;
const MAX_PARTS = 100;

/** Reads subject and texts of a mail (RFC 5322, 2045–2047) as far as they can be understood; never throws. */
export function parseMail(bytes: Uint8Array): ParsedMail {
  const entity = entityOf(Buffer.from(bytes).toString("latin1"));
  const texts: string[] = [];
  collectTexts(entity, texts, { depth: 0, parts: 0 });
  return { subject: decodeWords(entity.headers.get("subject") ?? ""), text: texts.join("\n") };
}

function entityOf(raw: string): Entity {
  // A mail or part without a header begins with the empty line.
  const end = /^\r?\n|\r?\n\r?\n/.exec(raw);
  const head = end === null ? raw : raw.slice(0, end.index);
  const body = end === null ? "" : raw.slice(end.index + end[0].length);
  const headers = new Map<string, string>();
  for (const line of head.replaceAll(/\r?\n[ \t]+/g, " ").split(/\r?\n/)) {
    const colon = line.indexOf(":");
    const name = line.slice(0, Math.max(0, colon)).trim().toLowerCase();
    if (name !== "" && !headers.has(name)) headers.set(name, line.slice(colon + 1).trim());
  }
  return { headers, body };
}

function collectTexts(entity: Entity, texts: string[], seen: { depth: number; parts: number }): void {
  if (seen.depth > MAX_DEPTH || ++seen.parts > MAX_PARTS) return;
  const contentType = entity.headers.get("content-type") ?? "text/plain";
  const type = (contentType.split(";", 1)[0] ?? "").trim().toLowerCase();
  if (type.startsWith("multipart/")) {
    const boundary = parameterOf(contentType, "boundary");
    if (boundary === undefined || boundary === "") return;
    seen.depth++;
    for (const part of partsOf(entity.body, boundary)) collectTexts(entityOf(part), texts, seen);
    seen.depth--;
    return;
  }
  const isAttachment = /^attachment/i.test(entity.headers.get("content-disposition") ?? "");
  if (isAttachment || (type !== "text/plain" && type !== "text/html")) return;
  const text = decodeText(decodedBody(entity), parameterOf(contentType, "charset"));
  texts.push(type === "text/html" ? withoutTags(text) : text);
}

/** The parts between the lines of a boundary. */
function partsOf(body: string, boundary: string): string[] {
  const parts: string[] = [];
  let current: string[] | undefined;
  for (const line of body.split("\n")) {
    const bare = line.trimEnd();
    const isEnd = bare === `--${boundary}--`;
    if (bare !== `--${boundary}` && !isEnd) {
      current?.push(line);
      continue;
    }
    if (current !== undefined) parts.push(current.join("\n"));
    current = [];
    if (isEnd || parts.length >= MAX_PARTS) return parts;
  }
  if (current !== undefined) parts.push(current.join("\n"));
  return parts;
}

function decodedBody({ headers, body }: Entity): string {
  const encoding = headers.get("content-transfer-encoding")?.toLowerCase();
  if (encoding === "base64") return decodeBase64(body);
  return encoding === "quoted-printable" ? decodeQuotedPrintable(body) : body;
}

function parameterOf(header: string, name: string): string | undefined {
  const match = new RegExp(`;\\s*${name}\\s*=\\s*(?:"((?:[^"\\\\]|\\\\.)*)"|([^\\s;]+))`, "i").exec(header);
  return match?.[1]?.replaceAll(/\\(.)/g, "$1") ?? match?.[2];
}

const ENTITIES: Readonly<Record<string, string>> = {
  "&lt;": "<",
  "&gt;": ">",
  "&quot;": '"',
  "&#39;": "'",
  "&nbsp;": " ",
  "&amp;": "&",
};

/** Every step is linear in the text, however hostile it is. */
function withoutTags(html: string): string {
  return withoutElement(withoutElement(html, "style"), "script")
    .replaceAll(/<[^<>]*>/g, "")
    .replaceAll(/&(?:lt|gt|quot|#39|nbsp|amp);/g, (entity) => ENTITIES[entity] ?? entity);
}

function withoutElement(html: string, name: string): string {
  const lower = html.toLowerCase();
  const kept: string[] = [];
  let from = 0;
  for (;;) {
    const start = lower.indexOf(`<${name}`, from);
    if (start === -1) break;
    kept.push(html.slice(from, start));
    const end = lower.indexOf(`</${name}>`, start);
    if (end === -1) return kept.join("");
    from = end + name.length + 3;
  }
  return kept.join("") + html.slice(from);
}
