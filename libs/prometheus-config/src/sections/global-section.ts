import { Labels } from "@monotreme/model";
import {
  mapping,
  record,
  type Schema,
  shownDefault,
  type ValueOf,
  withDefault,
  optional,
  type Fields,
} from "../yaml/schema.ts";
import { duration, filePath, text } from "../yaml/scalars.ts";
import { formatFields } from "./format-fields.ts";

const DEFAULT_INTERVAL_MS = 60_000;
const DEFAULT_TIMEOUT_MS = 10_000;

const globalFields = {
  scrape_interval: shownDefault(duration, DEFAULT_INTERVAL_MS),
  scrape_timeout: optional(duration),
  evaluation_interval: shownDefault(duration, DEFAULT_INTERVAL_MS),
  rule_query_offset: withDefault(duration, 0),
  query_log_file: optional(filePath),
  external_labels: withDefault(record(text, "label values", ""), {}),
  ...formatFields,
} satisfies Fields;

export type GlobalSection = ValueOf<typeof globalFields>;

/** The `global` section as the file has it; {@link completeGlobal} fills in what depends on other fields. */
export const globalSection: Schema<GlobalSection> = mapping({
  name: "global",
  fields: globalFields,
  check: (global, at) => {
    if ("" in global.external_labels) at("external_labels").fault("a label needs a name");
    const intervalMs = global.scrape_interval || DEFAULT_INTERVAL_MS;
    if ((global.scrape_timeout ?? 0) > intervalMs) {
      at("scrape_timeout").fault("global scrape timeout greater than scrape interval");
    }
  },
});

/** Zero counts as not set for intervals and timeouts, as upstream has it. */
export function completeGlobal(global: GlobalSection, expand: (value: string) => string): GlobalSection {
  const intervalMs = global.scrape_interval || DEFAULT_INTERVAL_MS;
  const externalLabels = Object.entries(global.external_labels).map(([name, value]) => [name, expand(value)] as const);
  return {
    ...global,
    scrape_interval: intervalMs,
    scrape_timeout: global.scrape_timeout || Math.min(DEFAULT_TIMEOUT_MS, intervalMs),
    evaluation_interval: global.evaluation_interval || DEFAULT_INTERVAL_MS,
    external_labels: Labels.fromEntries(externalLabels).toObject(),
  };
}
