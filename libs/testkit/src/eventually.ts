import { setTimeout as sleep } from "node:timers/promises";

export interface EventuallyOptions {
  /** 30 s when not given: only a test that hangs gets so far, however busy the machine is. */
  readonly timeoutMs?: number;
  /** 50 ms when not given. */
  readonly intervalMs?: number;
}

/**
 * Calls `check` until it neither throws nor returns false or undefined, and resolves to what it returned. After
 * `timeoutMs` it throws what the last call threw (an assertion keeps its own message), or says that it timed out.
 */
export async function eventually<T>(
  check: () => T | Promise<T>,
  options: EventuallyOptions = {},
): Promise<Exclude<T, false | undefined>> {
  const { timeoutMs = 30_000, intervalMs = 50 } = options;
  const endMs = Date.now() + timeoutMs;
  for (;;) {
    let failure: unknown = new Error(`the condition did not hold within ${timeoutMs} ms`);
    try {
      const value = await check();
      if (isHit(value)) return value;
    } catch (error) {
      failure = error;
    }
    if (Date.now() >= endMs) throw failure;
    await sleep(intervalMs);
  }
}

function isHit<T>(value: T): value is Exclude<T, false | undefined> {
  return value !== false && value !== undefined;
}
