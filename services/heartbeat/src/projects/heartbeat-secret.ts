import { createHmac, randomBytes } from "node:crypto";
import type { VersionedBucket } from "@monotreme/bus";
import { nameUuid } from "./name-uuid.ts";

const BUCKET_KEY = "secret";
const LENGTH = 24;

/**
 * What all replicas know and nobody outside does. It is made once, by whoever comes first, and goes into ids and
 * addresses that open something to whoever knows them; they last as long as it does.
 */
export class HeartbeatSecret {
  readonly #secret: Uint8Array;

  private constructor(secret: Uint8Array) {
    this.#secret = secret;
  }

  static async open(bucket: VersionedBucket): Promise<HeartbeatSecret> {
    for (;;) {
      const entry = await bucket.get(BUCKET_KEY);
      if (entry?.value !== undefined) return new HeartbeatSecret(entry.value);
      const secret = randomBytes(LENGTH);
      const revision = await bucket.put(BUCKET_KEY, secret, entry?.revision ?? 0);
      if (revision !== undefined) return new HeartbeatSecret(secret);
    }
  }

  /** The UUID of a project's check that is made of names: the same for all who ask. */
  checkId(projectId: string, ...names: readonly string[]): string {
    return nameUuid(this.sign("check", projectId, ...names));
  }

  /** A signature of texts in letters, digits, `-` and `_`. */
  sign(...texts: readonly string[]): string {
    return createHmac("sha256", this.#secret).update(JSON.stringify(texts)).digest("base64url");
  }
}
