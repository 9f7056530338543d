/** An address whose path ends in a slash, so that more can follow it. */
export function withTrailingSlash(address: string): string {
  const [, path = "", rest = ""] = /^([^?#]*)(.*)$/s.exec(address) ?? [];
  return path.endsWith("/") ? address : `${path}/${rest}`;
}
