import { createHash, randomBytes } from "node:crypto";
import { z } from "zod";
import type { SilenceStore } from "./silence-store.ts";
import type { TokenBucket } from "./token-bucket.ts";

/** What the holder of a token may do, once. */
export interface TokenGrant {
  /** The silence demands each of these labels. */
  readonly labels: Readonly<Record<string, string>>;
  /** From the moment when the token is used. */
  readonly durationMs: number;
}

export interface SilenceTokensOptions {
  readonly bucket: TokenBucket;
  readonly silences: SilenceStore;
  readonly now: () => number;
  /** How long a token can be used. */
  readonly lifetimeMs: number;
}

const grantSchema = z.object({
  labels: z.record(z.string(), z.string()),
  durationMs: z.number().positive(),
  expiresAtMs: z.number(),
});

/**
 * Tokens behind the buttons of notifications: each makes one silence, of fixed labels and length, once, within its
 * lifetime. They travel through others' servers in clear, so that is all that they can do. Only their hashes are kept.
 */
export class SilenceTokens {
  readonly #options: SilenceTokensOptions;

  constructor(options: SilenceTokensOptions) {
    this.#options = options;
  }

  /** Resolves to a new token, of letters that need no quoting in an address. */
  async create({ labels, durationMs }: TokenGrant): Promise<string> {
    const { bucket, now, lifetimeMs } = this.#options;
    const token = randomBytes(24).toString("base64url");
    const value = JSON.stringify({ labels, durationMs, expiresAtMs: now() + lifetimeMs });
    await bucket.put(keyOf(token), value);
    return token;
  }

  /** Makes the silence and resolves to its id; undefined for a token that is unknown, used or too old. */
  async use(token: string): Promise<string | undefined> {
    const { bucket, silences, now } = this.#options;
    const key = keyOf(token);
    const value = await bucket.take(key);
    if (value === undefined) return undefined;
    const grant = grantFrom(value);
    const nowMs = now();
    if (grant === undefined || grant.expiresAtMs <= nowMs) return undefined;
    try {
      return await silences.set({
        matchers: Object.entries(grant.labels).map(([name, text]) => ({
          name,
          value: text,
          isRegex: false,
          isEqual: true,
        })),
        startsAtMs: nowMs,
        endsAtMs: nowMs + grant.durationMs,
        createdBy: "notification",
        comment: "Silenced by a button of a notification.",
        annotations: {},
      });
    } catch (error) {
      // It was not used, so it may be used again.
      await bucket.put(key, value);
      throw error;
    }
  }
}

function keyOf(token: string): string {
  return createHash("sha256").update(token).digest("hex");
}

function grantFrom(value: string): z.output<typeof grantSchema> | undefined {
  try {
    const result = grantSchema.safeParse(JSON.parse(value));
    return result.success ? result.data : undefined;
  } catch {
    return undefined;
  }
}
