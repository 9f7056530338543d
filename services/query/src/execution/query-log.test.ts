import { parseExpression } from "@monotreme/promql";
import { expect, test } from "vitest";
import { queryLogLine } from "./query-log.ts";

test("query log - a line has upstream's fields", () => {
  const request = {
    kind: "range",
    tenant: "a",
    source: { select: async () => [] },
    expression: parseExpression("up"),
    text: "up",
    range: { startMs: 1500, endMs: Number.MAX_SAFE_INTEGER, stepMs: 5999 },
    timeoutMs: undefined,
    lookbackMs: undefined,
    limit: 0,
    signal: new AbortController().signal,
    origin: { clientIp: "10.0.0.1", method: "GET", path: "/api/v1/query_range" },
    mayUseCache: true,
  } as const;
  const query = { request, result: undefined, error: new Error("no"), totalSeconds: 1, samplesRead: 0 };
  expect(JSON.parse(queryLogLine(query, new Date(0)))).toEqual({
    time: "1970-01-01T00:00:00.000Z",
    level: "INFO",
    msg: "promql query logged",
    params: { query: "up", start: "1970-01-01T00:00:01.500Z", end: "+275760-09-13T00:00:00.000Z", step: 5 },
    error: "no",
    httpRequest: { clientIP: "10.0.0.1", method: "GET", path: "/api/v1/query_range" },
    tenant: "a",
  });
});
