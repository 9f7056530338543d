const REDACTED = "<redacted>";
/** Shorter texts would blacken ordinary words. */
const SHORTEST_SECRET = 6;

/** The text without the given secrets, in case a service repeats what it was sent. */
export function redactText(text: string, secrets: readonly string[]): string {
  let redacted = text;
  for (const secret of secrets) {
    if (secret.length >= SHORTEST_SECRET) redacted = redacted.replaceAll(secret, REDACTED);
  }
  return redacted;
}

/** An address and what of it may be secret: the path, the query, user and password. */
export function secretsOfUrl(address: string): string[] {
  if (!URL.canParse(address)) return [address];
  const url = new URL(address);
  const path = `${url.pathname}${url.search}`;
  return [address, url.href, path, url.pathname, url.password, ...url.searchParams.values()];
}
