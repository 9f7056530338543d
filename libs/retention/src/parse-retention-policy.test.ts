import { FIVE_MINUTES, ONE_HOUR, RAW } from "@monotreme/blocks";
import { ConfigFileError } from "@monotreme/prometheus-config";
import { describe, expect, test } from "vitest";
import { type ParsedRetentionPolicy, parseRetentionPolicy } from "./parse-retention-policy.ts";
import { DEFAULT_RETENTION } from "./retention-class.ts";
import type { RetentionPolicy } from "./retention-policy.ts";

const DAY_MS = 86_400_000;

function parse(text: string): ParsedRetentionPolicy {
  const fallback = { times: DEFAULT_RETENTION, maxSizeBytes: undefined };
  return parseRetentionPolicy({ fileName: "policy.yml", folder: "/etc", text }, fallback);
}

/** Days that each resolution of a class is kept. */
function daysOf(policy: RetentionPolicy, className: string): readonly number[] {
  return [RAW, FIVE_MINUTES, ONE_HOUR].map((resolution) => policy.retentionMsOf(className, resolution) / DAY_MS);
}

describe("retention policy file", () => {
  test("retention policy - what a class does not say, the defaults say", () => {
    const { policy, warnings } = parse(`
defaults: {raw: 30d}
classes:
  - name: debug
    match: ['{__name__=~"debug_.*"}']
    raw: 7d
    5m: none
    1h: none
  - {name: audit, tenant: [a, b], raw: forever, 5m: forever}
tenants:
  team-a: {raw: 1d, 1h: 5y}
max_size: 200GB
`);
    expect(policy.classNames).toEqual(["debug", "audit", "tenant/team-a", "default"]);
    expect(daysOf(policy, "default")).toEqual([30, 730, Infinity]);
    expect(daysOf(policy, "debug")).toEqual([7, 0, 0]);
    expect(daysOf(policy, "audit")).toEqual([Infinity, Infinity, Infinity]);
    expect(daysOf(policy, "tenant/team-a")).toEqual([1, 730, 1825]);
    expect(policy.longestMs(RAW)).toBe(Infinity);
    expect(policy.maxSizeBytes).toBe(200 * 1024 ** 3);
    expect(warnings).toEqual([]);
  });

  test("retention policy - an empty file leaves the defaults", () => {
    const { policy } = parse("");
    expect(policy.hasClasses).toBe(false);
    expect(daysOf(policy, "default")).toEqual([90, 730, Infinity]);
    expect(policy.longestMs(RAW)).toBe(90 * DAY_MS);
    expect(policy.maxSizeBytes).toBeUndefined();
  });

  test("retention policy - faults name their place", () => {
    const f = (text: string, fault: string): void => {
      expect(() => parse(text)).toThrow(ConfigFileError);
      expect(() => parse(text)).toThrow(fault);
    };
    f("default: {}", "policy.yml:1:1: field default not found in the retention policy");
    f("defaults: {raw: 0}", "policy.yml:1:17: expected a duration above 0 such as 90d, forever or none");
    f("defaults: {raw: 0d}", "expected a duration above 0 such as 90d, forever or none");
    f("defaults: {raw: 90 days}", 'found "90 days"');
    f("defaults: {10m: 3d}", "field 10m not found in how long each resolution is kept");
    f("defaults: {raw: none, 5m: none, 1h: none}", "policy.yml:1:11: default keeps nothing at all");
    f("classes: [{name: x, raw: 1d}]", "policy.yml:1:11: expected tenant or match, to say whom it is about");
    f("classes: [{match: [up]}]", "policy.yml:1:11: field name is missing");
    f("classes: [{name: default, match: [up]}]", "policy.yml:1:18: expected a name of letters");
    f("classes: [{name: a/b, match: [up]}]", "expected a name of letters");
    f("classes: [{name: x, match: []}]", "policy.yml:1:28: expected at least one selector");
    f(
      "classes: [{name: x, match: ['up{']}]",
      'policy.yml:1:29: expected a selector such as {job="node"}, found "up{": 1:4',
    );
    f("classes: [{name: x, match: ['rate(up[5m])']}]", "expected a series selector without modifiers");
    f("classes: [{name: x, match: ['up offset 5m']}]", "expected a series selector without modifiers");
    f("classes: [{name: x, match: ['{job=~\".*\"}']}]", "policy.yml:1:29");
    f("classes: [{name: x, match: [up]}, {name: x, match: [down]}]", "policy.yml:1:35: the class x stands there twice");
    f("classes: [{name: x, tenant: [''], raw: 1d}]", "expected the name of a tenant");
    f("max_size: 0B", "policy.yml:1:11: expected a size above 0");
    const many = Array.from({ length: 65 }, (_, i) => `{name: c${i}, match: [up]}`).join(", ");
    f(`classes: [${many}]`, "policy.yml:1:10: expected at most 64 classes and tenants together");
    const hungry = Array.from({ length: 40 }, (_, i) => `'{a=~"x${i}{900}y{900}"}'`).join(", ");
    f(`classes: [{name: x, match: [${hungry}]}]`, "expressions too large together");
  });

  test("retention policy - a coarse resolution that goes before a finer one is a warning, once", () => {
    const { warnings } = parse(`
defaults: {raw: 90d, 5m: 30d, 1h: 60d}
classes:
  - {name: x, match: [up]}
`);
    expect(warnings).toEqual([
      "policy.yml:2:11: default keeps 5m for a shorter time than raw: long ranges between the two are read from raw samples",
      "policy.yml:2:11: default keeps 1h for a shorter time than finer ones: long ranges between are read from those",
    ]);
  });
});
