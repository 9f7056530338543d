import { isIP } from "node:net";

/** Host and port of an address, as Go's `net.SplitHostPort`; undefined where it is not of that form. */
function splitHostPort(address: string): { readonly host: string; readonly port: string } | undefined {
  const colon = address.lastIndexOf(":");
  if (colon < 0) return undefined;
  const port = address.slice(colon + 1);
  let host = address.slice(0, colon);
  if (address.startsWith("[")) {
    if (address.indexOf("]") + 1 !== colon) return undefined;
    host = address.slice(1, colon - 1);
  } else if (host.includes(":")) return undefined;
  return /[[\]]/.test(host + port) ? undefined : { host, port };
}

/** An address without its port; unchanged where it has none. */
export function stripPort(address: string): string {
  return splitHostPort(address)?.host ?? address;
}

/** An address without the domain of its host; an IP address stays as it is. */
export function stripDomain(address: string): string {
  const { host, port } = splitHostPort(address) ?? { host: address, port: "" };
  if (isIP(host) !== 0) return address;
  const first = host.split(".")[0] ?? "";
  return port === "" ? first : `${first}:${port}`;
}
