import { DEFAULT_TENANT } from "@monotreme/contracts";
import { Engine, parseExpression } from "@monotreme/promql";
import { queryResultJson } from "../response/value-json.ts";
import { evaluateQuery } from "./evaluate-query.ts";
import type { QueryStorage } from "./query-storage.ts";
import { SMALL_QUERY } from "./query-weight.ts";

/** A server that is away must not keep this process from starting. */
const LONGEST_MS = 3000;
const ROUNDS = 12;
const RANGE_MS = 3_600_000;
const STEP_MS = 60_000;

/**
 * Asks a small query some times before the first client does: the connections to ClickHouse, what it reads first of its
 * tables and the code that is compiled while it runs cost the first query tens of milliseconds. Never rejects.
 */
export async function warmUp(storage: QueryStorage, now: () => number): Promise<void> {
  const engine = new Engine();
  const signal = AbortSignal.timeout(LONGEST_MS);
  const text = "rate(up[5m])";
  const endMs = now();
  try {
    for (let round = 0; round < ROUNDS && !signal.aborted; round++) {
      // Other times each round, so that no look-up is shared.
      const range = { startMs: endMs - RANGE_MS - round, endMs: endMs - round, stepMs: STEP_MS };
      const { value } = await evaluateQuery(engine, storage.samples(DEFAULT_TENANT, SMALL_QUERY), {
        expression: parseExpression(text),
        text,
        range,
        lookbackMs: RANGE_MS / 12,
        deadlineMs: Date.now() + LONGEST_MS,
        signal,
        limits: SMALL_QUERY,
        limit: 0,
      });
      for (const piece of queryResultJson(value)) void piece;
    }
  } catch {
    // Whatever keeps these queries from their answer will tell the first client.
  }
}
