import { SCRAPE_PROTOCOLS, type ScrapeProtocol } from "@monotreme/exposition";
import type { NameValidationScheme } from "@monotreme/relabel";
import { type Fields, list, optional, type Schema, type ValueOf, withDefault } from "../yaml/schema.ts";
import { boolean, count, filePath, oneOf, size } from "../yaml/scalars.ts";

export type { NameValidationScheme, ScrapeProtocol };
export type NameEscapingScheme = "allow-utf-8" | "underscores" | "dots" | "values";

export const scrapeProtocol: Schema<ScrapeProtocol> = oneOf(SCRAPE_PROTOCOLS);

const protocolList = list(scrapeProtocol, "scrape protocols");

const scrapeProtocols: Schema<readonly ScrapeProtocol[]> = {
  decode: (node) => {
    const protocols = protocolList.decode(node);
    if (protocols === undefined) return undefined;
    if (protocols.length === 0) node.fault("scrape_protocols cannot be empty");
    else if (new Set(protocols).size < protocols.length) node.fault("duplicated protocol in scrape_protocols");
    else return protocols;
    return undefined;
  },
  render: (protocols, mode) => protocolList.render(protocols, mode),
};

/** The fields that a scrape config inherits from `global` where it does not set them. */
export const formatFields = {
  scrape_protocols: optional(scrapeProtocols),
  scrape_native_histograms: optional(boolean),
  always_scrape_classic_histograms: optional(boolean),
  convert_classic_histograms_to_nhcb: optional(boolean),
  extra_scrape_metrics: optional(boolean),
  scrape_failure_log_file: optional(filePath),
  body_size_limit: withDefault(size, 0),
  sample_limit: withDefault(count, 0),
  target_limit: withDefault(count, 0),
  label_limit: withDefault(count, 0),
  label_name_length_limit: withDefault(count, 0),
  label_value_length_limit: withDefault(count, 0),
  keep_dropped_targets: withDefault(count, 0),
  metric_name_validation_scheme: optional(oneOf(["utf8", "legacy"])),
  metric_name_escaping_scheme: optional(oneOf(["allow-utf-8", "underscores", "dots", "values"])),
} satisfies Fields;

export type FormatSection = ValueOf<typeof formatFields>;
