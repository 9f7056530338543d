/** The name and password of a request. */
export interface BasicCredentials {
  readonly name: string;
  readonly password: string;
}

/** A longer header is not worth a comparison. */
const MAX_LENGTH = 8192;

/** Reads `Authorization: Basic …` (RFC 7617, UTF-8); undefined for anything else. */
export function parseBasicCredentials(header: string | undefined): BasicCredentials | undefined {
  if (header === undefined || header.length > MAX_LENGTH) return undefined;
  const encoded = /^basic +([A-Za-z0-9+/]+={0,2})$/i.exec(header)?.[1];
  if (encoded === undefined) return undefined;
  let text: string;
  try {
    text = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(Buffer.from(encoded, "base64"));
  } catch {
    return undefined;
  }
  const colon = text.indexOf(":");
  return colon === -1 ? undefined : { name: text.slice(0, colon), password: text.slice(colon + 1) };
}
