import { AppError } from "@monotreme/errors";
import { type FastifyInstance, successEnvelope } from "@monotreme/http";
import { BLOCK_STATES, type BlockState } from "@monotreme/storage";
import type { BlockStatus } from "../status/block-status.ts";
import { type BlocksFilter, RESOLUTION_NAMES } from "../status/describe-blocks.ts";

const TIMEOUT_MS = 60_000;
const DEFAULT_LIMIT = 1000;

/** `GET /api/v1/status/blocks`: what blocks there are, in Prometheus' envelope. */
export function blocksRoutes(status: BlockStatus): (app: FastifyInstance) => Promise<void> {
  return async (app) => {
    app.get("/api/v1/status/blocks", async (request) => {
      const url = new URL(request.url, "http://localhost");
      return successEnvelope(await status.describe(filterFrom(url.searchParams), AbortSignal.timeout(TIMEOUT_MS)));
    });
  };
}

/** Reads `resolution`, `state` (each once or more), `start`, `end` (RFC 3339 or epoch seconds) and `limit` (0: all). */
export function filterFrom(parameters: URLSearchParams): BlocksFilter {
  const resolutions = parameters.getAll("resolution").map((text) => oneOf("resolution", text, RESOLUTION_NAMES));
  const states = parameters.getAll("state").map((text): BlockState => oneOf("state", text, BLOCK_STATES));
  const startMs = timeFrom(parameters, "start");
  const endMs = timeFrom(parameters, "end");
  const limitText = parameters.get("limit") ?? String(DEFAULT_LIMIT);
  if (!/^\d{1,9}$/.test(limitText)) throw invalid("limit", limitText, "expected a whole number");
  const limit = Number(limitText);
  return {
    ...(resolutions.length > 0 && { resolutions }),
    ...(states.length > 0 && { states }),
    ...(startMs !== undefined && { startMs }),
    ...(endMs !== undefined && { endMs }),
    ...(limit > 0 && { limit }),
  };
}

/** An instant as RFC 3339 or as epoch seconds; undefined where it is neither. */
export function timeMsFrom(text: string): number | undefined {
  if (/^-?\d{1,12}(\.\d+)?$/.test(text)) return Math.round(Number(text) * 1000);
  if (!/^\d{4}-\d\d-\d\d(T\d\d:\d\d(:\d\d(\.\d+)?)?(Z|[+-]\d\d:\d\d)?)?$/.test(text)) return undefined;
  const timestampMs = Date.parse(/T.*(Z|[+-]\d\d:\d\d)$/.test(text) || !text.includes("T") ? text : `${text}Z`);
  return Number.isNaN(timestampMs) ? undefined : timestampMs;
}

function timeFrom(parameters: URLSearchParams, name: string): number | undefined {
  const text = parameters.get(name);
  if (text === null || text === "") return undefined;
  const timestampMs = timeMsFrom(text);
  if (timestampMs === undefined) throw invalid(name, text, "expected RFC 3339 or epoch seconds");
  return timestampMs;
}

function oneOf<T extends string>(name: string, text: string, allowed: readonly T[]): T {
  const found = allowed.find((one) => one === text);
  if (found === undefined) throw invalid(name, text, `expected one of ${allowed.join(", ")}`);
  return found;
}

function invalid(name: string, text: string, expected: string): AppError {
  const shown = text.length > 80 ? `${text.slice(0, 80)}…` : text;
  return new AppError(
    "BLOCKS_REQUEST_INVALID",
    "invalid",
    `invalid parameter ${name} ${JSON.stringify(shown)}: ${expected}`,
  );
}
