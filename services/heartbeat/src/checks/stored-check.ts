import type { CheckDefinition, CheckState, Flip } from "./check.ts";

/** A check as its bucket holds it. */
export interface StoredCheck {
  readonly definition: CheckDefinition;
  readonly state: CheckState;
  /** Who owns the definition: the configuration file, or whoever used the API. */
  readonly origin: "file" | "api";
  /** Part of the address of its badge; says nothing about the check. */
  readonly badgeKey: string;
  readonly createdMs: number;
  /** Flips that are written down here and not yet handed on; handing them on twice must not matter. */
  readonly unsentFlips: readonly Flip[];
}

const decoder = new TextDecoder();

export function encodeCheck(check: StoredCheck): Uint8Array {
  return Buffer.from(JSON.stringify(check));
}

/** Throws for bytes that are no check of ours. */
export function decodeCheck(bytes: Uint8Array): StoredCheck {
  const value: unknown = JSON.parse(decoder.decode(bytes));
  if (typeof value !== "object" || value === null || !("definition" in value) || !("state" in value)) {
    throw new Error("not a check");
  }
  // Only this service writes the bucket.
  return value as StoredCheck;
}
