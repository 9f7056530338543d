import { messageOf } from "@monotreme/errors";
import { formatDurationMs, type Matcher, parseDurationMs, PatternBudget } from "@monotreme/model";
import {
  ConfigDocument,
  ConfigFileError,
  type ConfigNode,
  type ConfigText,
  list,
  located,
  mapping,
  optional,
  record,
  required,
  scalar,
  type Schema,
  size,
} from "@monotreme/prometheus-config";
import { parseSelector } from "@monotreme/promql";
import { DEFAULT_CLASS, type RetentionClass, type RetentionTimes } from "./retention-class.ts";
import { RetentionPolicy } from "./retention-policy.ts";

/** What holds where the file says nothing. */
export interface RetentionDefaults {
  readonly times: RetentionTimes;
  readonly maxSizeBytes: number | undefined;
}

/** A policy, and what in the file is allowed but probably not meant (`file:line:column: …`). */
export interface ParsedRetentionPolicy {
  readonly policy: RetentionPolicy;
  readonly warnings: readonly string[];
}

/** Each class has parts of its own in every day, and an insert reaches at most 100 partitions. */
const MAX_CLASSES = 64;
const MAX_SELECTORS = 100;
const CLASS_NAME = /^[a-zA-Z_][a-zA-Z0-9_-]{0,63}$/;

const FOR_EVER = "forever";
const NOT_AT_ALL = "none";

const kept: Schema<number> = scalar({
  expected: `a duration above 0 such as 90d, ${FOR_EVER} or ${NOT_AT_ALL}`,
  parse: (value) => {
    if (value === FOR_EVER) return Infinity;
    if (value === NOT_AT_ALL) return 0;
    const durationMs = parseDurationMs(value);
    return durationMs !== undefined && durationMs > 0 ? durationMs : undefined;
  },
  render: (value) => {
    if (value === Infinity) return FOR_EVER;
    return value === 0 ? NOT_AT_ALL : formatDurationMs(value);
  },
});

const className: Schema<string> = scalar({
  expected: `a name of letters, digits, _ and -, other than ${DEFAULT_CLASS}`,
  parse: (value) => (CLASS_NAME.test(value) && value !== DEFAULT_CLASS ? value : undefined),
});

const tenantName: Schema<string> = scalar({
  expected: "the name of a tenant",
  parse: (value) => (value === "" ? undefined : value),
});

const tenantNames: Schema<readonly string[]> = {
  decode: (node) => {
    if (node.items() !== undefined) return list(tenantName, "tenants").decode(node);
    const only = tenantName.decode(node);
    return only === undefined ? undefined : [only];
  },
  render: (names) => names,
};

const timesFields = { raw: optional(kept), "5m": optional(kept), "1h": optional(kept) };
const timesSection = mapping({ name: "how long each resolution is kept", fields: timesFields });
type TimesSection = Exclude<ReturnType<typeof timesSection.decode>, undefined>;

/** Reads a policy file strictly; throws {@link ConfigFileError} with every fault. An empty file leaves the defaults. */
export function parseRetentionPolicy(
  { fileName, folder, text }: ConfigText,
  fallback: RetentionDefaults,
): ParsedRetentionPolicy {
  const document = new ConfigDocument(text, { fileName, folder });
  const file = document.faultCount === 0 ? fileSection().decode(document.root) : undefined;
  if (file === undefined || document.faultCount > 0) throw new ConfigFileError(document.faults);
  const defaults = timesOf(file.defaults?.value, fallback.times);
  checkTimes(DEFAULT_CLASS, defaults, file.defaults?.node ?? document.root);
  const named = (file.classes ?? []).map(({ value, node }): RetentionClass => {
    const times = timesOf(value, defaults);
    if (isGiven(value)) checkTimes(value.name, times, node);
    return { name: value.name, tenants: value.tenant && new Set(value.tenant), matcherSets: value.match, times };
  });
  const ofTenants = Object.entries(file.tenants ?? {}).map(([tenant, { value, node }]): RetentionClass => {
    const times = timesOf(value, defaults);
    if (isGiven(value)) checkTimes(tenant, times, node);
    // No class of the file can have this name.
    return { name: `tenant/${tenant}`, tenants: new Set([tenant]), matcherSets: undefined, times };
  });
  const classes = [...named, ...ofTenants];
  if (document.faultCount > 0) throw new ConfigFileError(document.faults);
  const maxSizeBytes = file.max_size ?? fallback.maxSizeBytes;
  return { policy: new RetentionPolicy({ defaults, classes, maxSizeBytes }), warnings: document.warnings };
}

function fileSection() {
  const budget = new PatternBudget();
  const selector: Schema<readonly Matcher[]> = {
    decode: (node) => selectorOf(node, budget),
    render: (matchers) => `{${matchers.map(String).join(",")}}`,
  };
  const classSection = mapping({
    name: "a class",
    fields: {
      name: required(className),
      tenant: optional(tenantNames),
      match: optional(list(selector, "selectors")),
      ...timesFields,
    },
    check: ({ tenant, match }, at) => {
      if (tenant === undefined && match === undefined) at().fault("expected tenant or match, to say whom it is about");
      if (match?.length === 0) at("match").fault("expected at least one selector");
      if ((match?.length ?? 0) > MAX_SELECTORS) at("match").fault(`expected at most ${MAX_SELECTORS} selectors`);
    },
  });
  return mapping({
    name: "the retention policy",
    fields: {
      defaults: optional(located(timesSection)),
      classes: optional(list(located(classSection), "classes")),
      tenants: optional(record(located(timesSection), "how long each resolution is kept")),
      max_size: optional(size),
    },
    check: (file, at) => {
      const names = (file.classes ?? []).map(({ value }) => value.name);
      for (const [i, { value, node }] of (file.classes ?? []).entries()) {
        if (names.indexOf(value.name) < i) node.fault(`the class ${value.name} stands there twice`);
      }
      if (names.length + Object.keys(file.tenants ?? {}).length > MAX_CLASSES) {
        at(names.length > 0 ? "classes" : "tenants").fault(
          `expected at most ${MAX_CLASSES} classes and tenants together; a class may name several tenants`,
        );
      }
      if (file.max_size === 0) at("max_size").fault("expected a size above 0");
    },
  });
}

function selectorOf(node: ConfigNode, budget: PatternBudget): readonly Matcher[] | undefined {
  try {
    const matchers = parseSelector(node.text ?? "");
    // Each selector is bounded by itself; this bounds all of the file.
    for (const { type, value, alternatives } of matchers) {
      if ((type === "=~" || type === "!~") && alternatives === undefined) budget.spend(value);
    }
    return matchers;
  } catch (error) {
    node.fault(`expected a selector such as {job="node"}, found ${node.description}: ${messageOf(error)}`);
    return undefined;
  }
}

function timesOf(section: TimesSection | undefined, below: RetentionTimes): RetentionTimes {
  return {
    rawMs: section?.raw ?? below.rawMs,
    fiveMinutesMs: section?.["5m"] ?? below.fiveMinutesMs,
    oneHourMs: section?.["1h"] ?? below.oneHourMs,
  };
}

/** Whether a section says anything of its own, so that a fault of the defaults is not told for each. */
function isGiven(section: TimesSection): boolean {
  return (section.raw ?? section["5m"] ?? section["1h"]) !== undefined;
}

function checkTimes(name: string, { rawMs, fiveMinutesMs, oneHourMs }: RetentionTimes, node: ConfigNode): void {
  if (Math.max(rawMs, fiveMinutesMs, oneHourMs) === 0) {
    node.fault(`${name} keeps nothing at all; expected at least one resolution that is kept`);
  }
  if (fiveMinutesMs > 0 && fiveMinutesMs < rawMs) {
    node.warn(`${name} keeps 5m for a shorter time than raw: long ranges between the two are read from raw samples`);
  }
  if (oneHourMs > 0 && oneHourMs < Math.max(rawMs, fiveMinutesMs)) {
    node.warn(`${name} keeps 1h for a shorter time than finer ones: long ranges between are read from those`);
  }
}
