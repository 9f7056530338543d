import { expect, test } from "vitest";
import { ConfigFileError } from "../config-file-error.ts";
import { type LimitsFile, parseLimitsFile } from "./limits-file.ts";

function parse(text: string): LimitsFile {
  return parseLimitsFile({ fileName: "limits.yml", folder: "/etc", text });
}

test("limits file - tenants' own values go before the defaults", () => {
  const { defaults, tenants } = parse(`
defaults:
  query: {max_samples: 1_000, timeout: 30s}
  ingest: {max_series_per_request: 10}
tenants:
  team-a:
    query: {max_samples: 2000, max_bytes: 1MB, max_concurrency: 3}
  __proto__: {ingest: {max_samples_per_request: 7}}
`);
  expect(defaults).toEqual({
    query: { maxSamples: 1000, timeoutMs: 30_000 },
    ingest: { maxSeriesPerRequest: 10 },
  });
  expect(tenants.get("team-a")).toEqual({
    query: { maxSamples: 2000, timeoutMs: 30_000, maxReadBytes: 1_048_576, maxConcurrencyPerTenant: 3 },
    ingest: { maxSeriesPerRequest: 10 },
  });
  expect(tenants.get("__proto__")?.ingest).toEqual({ maxSeriesPerRequest: 10, maxSamplesPerRequest: 7 });
});

test("limits file - an empty one limits nothing", () => {
  expect(parse("")).toEqual({ defaults: { query: {}, ingest: {} }, tenants: new Map() });
  expect(parse("tenants: {}\ndefaults:").tenants.size).toBe(0);
});

test("limits file - faults name their place", () => {
  const f = (text: string, fault: string): void => {
    expect(() => parse(text)).toThrow(ConfigFileError);
    expect(() => parse(text)).toThrow(fault);
  };
  f("default: {}", "limits.yml:1:1: field default not found in the limits file; expected one of defaults, tenants");
  f("defaults: {query: {max_samples: 0}}", "limits.yml:1:33: expected a whole number above 0");
  f("defaults: {query: {max_bytes: 0B}}", "expected a size above 0");
  f("defaults: {query: {timeout: 0s}}", "expected a duration above 0");
  f("tenants: {a: {query: {max_sample: 5}}}", "field max_sample not found in query");
  f("tenants: [a]", "limits.yml:1:10");
});
