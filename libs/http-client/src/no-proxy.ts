import { BlockList, isIP } from "node:net";

/**
 * Whether a host is reached without the proxy. The list has host names (their subdomains included; with a leading dot
 * only those), addresses, networks as `10.0.0.0/8`, each with an optional `:port`, and `*` for everything. Addresses
 * of this machine are always reached directly.
 */
export function isExcludedFromProxy(host: string, port: string, list: string): boolean {
  const name = host
    .toLowerCase()
    .replace(/^\[|\]$/g, "")
    .replace(/\.$/, "");
  if (name === "localhost" || isLoopback(name)) return true;
  return list
    .split(",")
    .map((entry) => entry.trim().toLowerCase())
    .some((entry) => entry === "*" || (entry !== "" && matchesEntry(entry, name, port)));
}

function matchesEntry(entry: string, name: string, port: string): boolean {
  const [pattern, entryPort] = splitPort(entry);
  if (entryPort !== undefined && entryPort !== port) return false;
  const slash = pattern.indexOf("/");
  if (slash !== -1) return isInNetwork(name, pattern.slice(0, slash), Number(pattern.slice(slash + 1)));
  if (isIP(pattern) !== 0) return pattern === name;
  if (isIP(name) !== 0) return false;
  if (pattern.startsWith("*.")) return name.endsWith(pattern.slice(1));
  if (pattern.startsWith(".")) return name.endsWith(pattern);
  return name === pattern || name.endsWith(`.${pattern}`);
}

function splitPort(entry: string): readonly [string, string | undefined] {
  const bracketed = /^\[([^\]]*)\](?::(\d+))?$/.exec(entry);
  if (bracketed !== null) return [bracketed[1] ?? "", bracketed[2]];
  if (isIP(entry) === 6 || entry.includes("/")) return [entry, undefined];
  const colon = entry.lastIndexOf(":");
  return colon === -1 ? [entry, undefined] : [entry.slice(0, colon), entry.slice(colon + 1)];
}

function isLoopback(name: string): boolean {
  return isInNetwork(name, "127.0.0.0", 8) || name === "::1";
}

function isInNetwork(address: string, network: string, bits: number): boolean {
  const family = isIP(network);
  const most = family === 6 ? 128 : 32;
  if (family === 0 || isIP(address) !== family || !Number.isInteger(bits) || bits < 0 || bits > most) return false;
  const list = new BlockList();
  const type = family === 6 ? "ipv6" : "ipv4";
  list.addSubnet(network, bits, type);
  return list.check(address, type);
}
