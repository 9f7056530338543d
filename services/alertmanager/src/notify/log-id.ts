import { createHash } from "node:crypto";
import type { LogKey } from "./notification-log.ts";

/** The key of a log entry in its bucket, and a part of job ids: 32 hexadecimal digits. */
export function logIdOf({ groupKey, receiver, integration, integrationIndex }: LogKey): string {
  const parts = JSON.stringify([groupKey, receiver, integration, integrationIndex]);
  return createHash("sha256").update(parts).digest("hex").slice(0, 32);
}
