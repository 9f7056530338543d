const FIRST_MS = 200;
const LAST_MS = 10_000;

/** How long to wait before start number `failures + 1` after a death: 200 ms, doubled each time, at most 10 s. */
export function backoffMs(failures: number): number {
  return Math.min(LAST_MS, FIRST_MS * 2 ** Math.min(failures, 16));
}
