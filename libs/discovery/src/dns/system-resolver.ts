import { Resolver } from "node:dns/promises";
import { readFile } from "node:fs/promises";
import type { DnsAnswer, DnsRecord, DnsResolver } from "./dns-resolver.ts";
import { candidateNames, parseSearchSettings } from "./resolv-conf.ts";

const TIMEOUT_MS = 2000;
const TRIES = 2;

export interface SystemResolverOptions {
  /** Addresses of servers, `host` or `host:port`; those of the system by default. */
  readonly servers?: readonly string[];
  readonly resolvConfPath?: string;
}

/** Asks the system's DNS servers, again over TCP where an answer is cut short; search domains as resolv.conf says. */
export function createSystemResolver(options: SystemResolverOptions = {}): DnsResolver {
  const { resolvConfPath = "/etc/resolv.conf" } = options;
  const resolver = new Resolver({ timeout: TIMEOUT_MS, tries: TRIES });
  if (options.servers !== undefined) resolver.setServers(options.servers);
  return {
    candidates: async (name) => candidateNames(name, parseSearchSettings(await readText(resolvConfPath))),
    lookup: async (name, type) => {
      try {
        return { exists: true, records: await recordsOf(resolver, name, type) };
      } catch (error) {
        return emptyAnswer(error);
      }
    },
    close: () => resolver.cancel(),
  };
}

async function recordsOf(
  resolver: Resolver,
  name: string,
  type: "SRV" | "A" | "AAAA" | "MX" | "NS",
): Promise<readonly DnsRecord[]> {
  const plain = (host: string): DnsRecord => ({ host, port: undefined });
  switch (type) {
    case "SRV":
      return (await resolver.resolveSrv(name)).map((record) => ({ host: record.name, port: record.port }));
    case "A":
      return (await resolver.resolve4(name)).map(plain);
    case "AAAA":
      return (await resolver.resolve6(name)).map(plain);
    case "MX":
      return (await resolver.resolveMx(name)).map((record) => plain(record.exchange));
    case "NS":
      return (await resolver.resolveNs(name)).map(plain);
  }
}

/** A name or a type that does not exist is an answer; anything else is none. */
function emptyAnswer(error: unknown): DnsAnswer {
  const code = error instanceof Error && "code" in error ? error.code : undefined;
  if (code === "ENOTFOUND") return { exists: false, records: [] };
  if (code === "ENODATA") return { exists: true, records: [] };
  throw error;
}

/** A system without the file has no search domains. */
async function readText(path: string): Promise<string> {
  try {
    return await readFile(path, "utf8");
  } catch {
    return "";
  }
}
