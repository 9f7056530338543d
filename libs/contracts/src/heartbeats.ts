/** Pings on their way into the history; one subject a check, so that a check's newest can be found. */
export const PINGS_STREAM = "PINGS";

/** Where a check's pings are published. */
export function pingsSubject(checkId: string): string {
  return `pings.${checkId}`;
}

/** Where a check's flips wait for the store, beside its pings and in the same stream. */
export function flipsSubject(checkId: string): string {
  return `${pingsSubject(checkId)}.flips`;
}

/** Where many pings that came at once are published together, as `packMessages` puts them. */
export const PACKED_PINGS_SUBJECT = "pings.packed";

/** The same for flips. */
export const PACKED_FLIPS_SUBJECT = "pings.packed.flips";

/** The durable consumer that writes pings into the store. */
export const PING_LOG_CONSUMER = "ping-log";

/** The KV bucket of checks: what people say of them, and what became of them. The key is the check's id. */
export const CHECKS_BUCKET = "checks";

/** The KV bucket of projects, with their keys (hashed) and channels. The key is the project's id. */
export const HEARTBEAT_PROJECTS_BUCKET = "heartbeat_projects";

/** The KV bucket of what channels are still to be told of checks. The key is `<check id>.<channel id>`. */
export const HEARTBEAT_NOTICES_BUCKET = "heartbeat_notices";
