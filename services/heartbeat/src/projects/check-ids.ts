import { randomBytes } from "node:crypto";
import type { VersionedBucket } from "@monotreme/bus";
import { nameUuid } from "./name-uuid.ts";

/** The UUID of a project's check that is made of names: the same for all who ask, and nobody outside can guess it. */
export type CheckIdOf = (projectId: string, ...names: readonly string[]) => string;

const SALT = "id_salt";

/** Opens the secret that goes into the ids; whoever comes first makes it. Whoever knows an id may ping its check. */
export async function openCheckIds(bucket: VersionedBucket): Promise<CheckIdOf> {
  const salt = await openSalt(bucket);
  return (projectId, ...names) => nameUuid(salt, projectId, ...names);
}

async function openSalt(bucket: VersionedBucket): Promise<string> {
  for (;;) {
    const entry = await bucket.get(SALT);
    if (entry?.value !== undefined) return Buffer.from(entry.value).toString("base64url");
    const salt = randomBytes(24);
    if ((await bucket.put(SALT, salt, entry?.revision ?? 0)) !== undefined) return salt.toString("base64url");
  }
}
