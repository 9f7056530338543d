import { createHash } from "node:crypto";
import type { ChannelConfig } from "./channel-config.ts";

/** Checks that belong together, with the keys that open them. Keys are kept as hashes only. */
export interface Project {
  /** A UUID. */
  readonly id: string;
  readonly name: string;
  readonly origin: "file" | "generated";
  readonly pingKeyHash: string | undefined;
  readonly apiKeyHash: string | undefined;
  readonly readonlyApiKeyHash: string | undefined;
  readonly channels: readonly ChannelConfig[];
}

/** The hash under which a key is kept and looked up. */
export function hashKey(key: string): string {
  return createHash("sha256").update(key).digest("base64url");
}
