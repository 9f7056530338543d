import { messageOf } from "@monotreme/errors";
import { z } from "zod";
import { addressFrom, type StackAddress } from "./stack-address.ts";
import { probeRole, type RoleStatus } from "./probe-role.ts";
import { ROLE_PORTS } from "./status-flags.ts";

const TIMEOUT_MS = 30_000;

const flagsSchema = z.object({ data: z.record(z.string(), z.string()) });
const targetsSchema = z.object({
  data: z.object({
    activeTargets: z.array(
      z.object({ scrapePool: z.string(), scrapeUrl: z.string(), health: z.string(), lastError: z.string() }),
    ),
  }),
});
const alertsSchema = z.object({
  data: z.object({
    alerts: z.array(z.object({ state: z.string(), labels: z.record(z.string(), z.string()), activeAt: z.string() })),
  }),
});

export type ShownTarget = z.infer<typeof targetsSchema>["data"]["activeTargets"][number];
export type ShownAlert = z.infer<typeof alertsSchema>["data"]["alerts"][number];

/** What a running stack tells. */
export interface StackStatus {
  readonly roles: readonly RoleStatus[];
  readonly targets: readonly ShownTarget[];
  readonly alerts: readonly ShownAlert[];
  /** Questions that got no answer. */
  readonly faults: readonly string[];
}

type RoleUrls = Readonly<Partial<Record<keyof typeof ROLE_PORTS, readonly string[] | undefined>>>;

/** Asks every role that the stack has or that was named; never rejects. */
export async function askStack(mainUrl: string, given: RoleUrls): Promise<StackStatus> {
  const address = addressFrom(mainUrl);
  const faults: string[] = [];
  const ask = async <T>(path: string, schema: z.ZodType<T>): Promise<T | undefined> => {
    try {
      const response = await fetch(address.url + path, {
        headers: address.headers,
        signal: AbortSignal.timeout(TIMEOUT_MS),
      });
      if (!response.ok) throw new Error(`${response.status} ${(await response.text()).slice(0, 200)}`);
      return schema.parse(await response.json());
    } catch (error) {
      faults.push(`${path}: ${messageOf(error)}`);
      return undefined;
    }
  };
  const flags = (await ask("/api/v1/status/flags", flagsSchema))?.data ?? {};
  const main = await probeRole(flags["roles"] === undefined ? "query" : "standalone", address);
  const others = await Promise.all(roleAddresses(address, flags, given).map(async (each) => probeOther(each)));
  const [targets, alerts] =
    main.state === "ready"
      ? await Promise.all([ask("/api/v1/targets?state=active", targetsSchema), ask("/api/v1/alerts", alertsSchema)])
      : [];
  return {
    roles: [main, ...others],
    targets: targets?.data.activeTargets ?? [],
    alerts: alerts?.data.alerts ?? [],
    // Of one that cannot be reached the role itself says enough.
    faults: main.state === "ready" ? faults : [],
  };
}

interface RoleAddress {
  readonly name: string;
  readonly address: StackAddress;
  /** Nobody said that it is there: where nothing listens, nothing is wrong. */
  readonly isGuess: boolean;
  /** It is standalone's own. */
  readonly isInside: boolean;
}

async function probeOther({ name, address, isGuess, isInside }: RoleAddress): Promise<RoleStatus> {
  const status = await probeRole(name, address, isInside);
  return status.state === "absent" && !isGuess ? { ...status, state: "broken" } : status;
}

/** Standalone has two more listeners, of which its flags tell; other roles stand at their ports, or where it was said. */
function roleAddresses(
  { url, headers }: StackAddress,
  flags: Readonly<Record<string, string>>,
  given: RoleUrls,
): readonly RoleAddress[] {
  const inside = flags["roles"]?.split(",").map((role) => role.trim());
  const { protocol, hostname } = new URL(url);
  const beside = (port: string): StackAddress => ({ url: `${protocol}//${hostname}:${port}`, headers });
  return Object.entries(ROLE_PORTS).flatMap(([name, port]): RoleAddress[] => {
    const isInside = inside?.includes(name) === true;
    const urls = Object.entries(given).find(([role]) => role === name)?.[1];
    if (urls !== undefined) return urls.map((one) => ({ name, address: addressFrom(one), isGuess: false, isInside }));
    if (inside === undefined) return [{ name, address: beside(String(port)), isGuess: true, isInside }];
    const listenAddress = flags[`${name}.web.listen-address`];
    if (listenAddress === undefined || !isInside) return [];
    const ownPort = /:(\d+)$/.exec(listenAddress)?.[1] ?? String(port);
    // Any free port: its number stands in nobody's flags.
    return ownPort === "0" ? [] : [{ name, address: beside(ownPort), isGuess: false, isInside }];
  });
}
