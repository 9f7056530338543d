/** Bytes as one character each, out of base64; what is no base64 is passed over. */
export function decodeBase64(text: string): string {
  return Buffer.from(text, "base64").toString("latin1");
}

/** Bytes as one character each, out of quoted-printable. */
export function decodeQuotedPrintable(text: string): string {
  return text
    .split("\n")
    .map((line) => line.trimEnd())
    .join("\n")
    .replaceAll("=\n", "")
    .replaceAll(/=([0-9A-Fa-f]{2})/g, (_, hex: string) => String.fromCharCode(Number.parseInt(hex, 16)));
}

/** Text out of bytes that are one character each; UTF-8 where the charset is not known. */
export function decodeText(bytes: string, charset: string | undefined): string {
  const buffer = Buffer.from(bytes, "latin1");
  try {
    return new TextDecoder(charset ?? "utf-8").decode(buffer);
  } catch {
    return new TextDecoder().decode(buffer);
  }
}

const ENCODED_WORD = /=\?([^?\s*]+)(?:\*[^?\s]*)?\?([bqBQ])\?([^?\s]*)\?=/g;

/** A header's text with its encoded words (RFC 2047) decoded; raw bytes count as UTF-8. */
export function decodeWords(text: string): string {
  return decodeText(text, undefined)
    .replaceAll(/(\?=)\s+(?==\?)/g, "$1")
    .replaceAll(ENCODED_WORD, (_, charset: string, encoding: string, word: string) => {
      const isBase64 = encoding.toLowerCase() === "b";
      return decodeText(isBase64 ? decodeBase64(word) : decodeQuotedPrintable(word.replaceAll("_", " ")), charset);
    });
}
