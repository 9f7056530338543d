import { PartitionTakenError } from "./partition-taken-error.ts";

const FIRST_DELAY_MS = 100;
const LONGEST_DELAY_MS = 5000;

/**
 * Repeats a task until it succeeds, with growing pauses; `onFailure` hears of every failure. Only the signal ends it
 * earlier, with its reason, and the loss of the partition: what a batch holds is not acknowledged yet and must not be
 * dropped.
 */
export async function retryUntilDone<T>(
  task: () => Promise<T>,
  signal: AbortSignal,
  onFailure: (error: unknown, delayMs: number) => void,
): Promise<T> {
  for (let delayMs = FIRST_DELAY_MS; ; delayMs = Math.min(delayMs * 2, LONGEST_DELAY_MS)) {
    signal.throwIfAborted();
    try {
      return await task();
    } catch (error) {
      signal.throwIfAborted();
      if (error instanceof PartitionTakenError) throw error;
      onFailure(error, delayMs);
    }
    await pause(delayMs, signal);
  }
}

/** Ends early when the signal fires. */
async function pause(delayMs: number, signal: AbortSignal): Promise<void> {
  await new Promise<void>((resolve) => {
    const end = (): void => {
      clearTimeout(timer);
      signal.removeEventListener("abort", end);
      resolve();
    };
    const timer = setTimeout(end, delayMs);
    signal.addEventListener("abort", end, { once: true });
  });
}
