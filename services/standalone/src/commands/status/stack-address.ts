/** Where a process is asked, without credentials, and the header that has them. */
export interface StackAddress {
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
}

/** `http://user:password@host:port/prefix/` without its credentials and without a slash at its end. */
export function addressFrom(text: string): StackAddress {
  const parsed = new URL(text);
  const credentials = `${decodeURIComponent(parsed.username)}:${decodeURIComponent(parsed.password)}`;
  const headers = credentials === ":" ? {} : { Authorization: `Basic ${Buffer.from(credentials).toString("base64")}` };
  parsed.username = "";
  parsed.password = "";
  return { url: parsed.href.replace(/\/+$/, ""), headers };
}
