import { messageOf } from "@monotreme/errors";
import type { StackAddress } from "./stack-address.ts";

const TIMEOUT_MS = 5000;
/** More than any of our processes shows. */
const MAX_METRICS_LENGTH = 16 * 2 ** 20;

/** What one process says of itself. */
export interface RoleStatus {
  readonly name: string;
  readonly url: string;
  /** `absent`: nothing listens there. */
  readonly state: "ready" | "not ready" | "absent" | "broken";
  /** What `/-/ready` or the fault says. */
  readonly detail: string;
  /** Its samples by name, labels and all: `name{label="value"}` → value. */
  readonly metrics: ReadonlyMap<string, number>;
  /** The process was asked at another address before; its metrics are the same. */
  readonly isSecondAddress: boolean;
}

/** Asks a process whether it is ready, and for its metrics; never rejects. */
export async function probeRole(
  name: string,
  { url, headers }: StackAddress,
  isSecondAddress = false,
): Promise<RoleStatus> {
  const metrics = new Map<string, number>();
  try {
    const ready = await fetch(`${url}/-/ready`, { headers, signal: AbortSignal.timeout(TIMEOUT_MS) });
    const detail = (await ready.text()).trim().slice(0, 300);
    const shown = await fetch(`${url}/metrics`, { headers, signal: AbortSignal.timeout(TIMEOUT_MS) });
    const text = shown.ok ? (await shown.text()).slice(0, MAX_METRICS_LENGTH) : "";
    readMetrics(text, metrics);
    return { name, url, state: ready.ok ? "ready" : "not ready", detail, metrics, isSecondAddress };
  } catch (error) {
    const cause = error instanceof Error ? error.cause : undefined;
    const isAbsent = cause instanceof Error && "code" in cause && cause.code === "ECONNREFUSED";
    const detail = cause instanceof Error ? messageOf(cause) : messageOf(error);
    return { name, url, state: isAbsent ? "absent" : "broken", detail, metrics, isSecondAddress };
  }
}

/** Our own exposition: one sample a line, its value last. */
function readMetrics(text: string, metrics: Map<string, number>): void {
  for (const line of text.split("\n")) {
    if (line === "" || line.startsWith("#")) continue;
    const at = line.lastIndexOf(" ");
    metrics.set(line.slice(0, at), Number(line.slice(at + 1)));
  }
}

/** The samples of one metric, in all processes; one with several addresses counts once. */
export function samplesOf(roles: readonly RoleStatus[], metric: string): readonly number[] {
  return roles
    .filter(({ isSecondAddress }) => !isSecondAddress)
    .flatMap(({ metrics }) =>
      [...metrics].flatMap(([name, value]) => (name === metric || name.startsWith(`${metric}{`) ? [value] : [])),
    );
}

/** The version that a process tells. */
export function versionOf({ metrics }: RoleStatus): string {
  for (const name of metrics.keys()) {
    const version = /^monotreme_build_info\{(?:.*,)?version="([^"]*)"/.exec(name)?.[1];
    if (version !== undefined) return version;
  }
  return "?";
}
