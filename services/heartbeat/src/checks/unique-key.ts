import { createHash } from "node:crypto";

/** What names a check to those who may only read: nobody can ping by it. */
export function uniqueKeyOf(checkId: string): string {
  return createHash("sha1").update(checkId.replaceAll("-", "").slice(0, 16)).digest("hex");
}
