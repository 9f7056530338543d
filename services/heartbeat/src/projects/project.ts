import { createHash, timingSafeEqual } from "node:crypto";

/** Checks that belong together, with the keys that open them. Keys are kept as hashes only. */
export interface Project {
  /** A UUID. */
  readonly id: string;
  readonly name: string;
  readonly origin: "file" | "api" | "generated";
  readonly pingKeyHash: string | undefined;
  readonly apiKeyHash: string | undefined;
  readonly readonlyApiKeyHash: string | undefined;
  /** Part of the addresses of its badges. */
  readonly badgeKey: string;
  readonly channels: readonly Channel[];
}

/** Somebody who is told of flips directly, past the alertmanager. */
export interface Channel {
  /** A UUID, made of the project's and the channel's name. */
  readonly id: string;
  readonly name: string;
  readonly kind: "ntfy" | "email" | "webhook";
}

/** The hash under which a key is kept and looked up. */
export function hashKey(key: string): string {
  return createHash("sha256").update(key).digest("base64url");
}

/** Compares in constant time. */
export function isKey(key: string, hash: string | undefined): boolean {
  if (hash === undefined) return false;
  return timingSafeEqual(Buffer.from(hashKey(key)), Buffer.from(hash));
}
