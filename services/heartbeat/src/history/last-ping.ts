import type { LoadedCheck } from "../checks/check-store.ts";

/** A ping as far as those who tell of a check need it. */
export interface NewestPing {
  readonly number: number;
  readonly exitStatus?: number | undefined;
  readonly body: Uint8Array;
}

/** A flip is told before its ping is recorded. */
const TRIES = 20;
const TRY_EVERY_MS = 50;

/**
 * The last ping of a check, never one before it: undefined where it cannot be found. With `isNew` it may be on its way
 * still, and is waited for up to a second.
 */
export async function lastPingOf(
  { definition, state }: LoadedCheck,
  newest: (checkId: string) => Promise<NewestPing>,
  { isNew }: { readonly isNew: boolean },
): Promise<NewestPing | undefined> {
  if (state.pingCount === 0) return undefined;
  let found = await newest(definition.id);
  for (let tries = 1; isNew && found.number < state.pingCount && tries < TRIES; tries++) {
    await new Promise((resolve) => setTimeout(resolve, TRY_EVERY_MS));
    found = await newest(definition.id);
  }
  return found.number < state.pingCount ? undefined : found;
}
