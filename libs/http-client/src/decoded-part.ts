/** A percent-encoded part of a URL in plain; as it stands where its escapes are broken. */
export function decodedPart(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
