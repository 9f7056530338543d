import { list, mapping, optional, record, required, shownDefault, withDefault } from "../yaml/schema.ts";
import { boolean, decimal, duration, integer, oneOf, size, text } from "../yaml/scalars.ts";
import { tlsConfig } from "./http-client-section.ts";
import { opaque } from "./opaque.ts";

const DEFAULT_RETENTION_MS = 15 * 86_400_000;

export const storageSection = mapping({
  name: "storage",
  fields: {
    tsdb: optional(
      mapping({
        name: "tsdb",
        fields: {
          out_of_order_time_window: withDefault(duration, 0),
          stale_series_compaction_threshold: withDefault(decimal, 0),
          retention: optional(
            mapping({
              name: "retention",
              fields: {
                time: shownDefault(duration, DEFAULT_RETENTION_MS),
                size: withDefault(size, 0),
                percentage: withDefault(decimal, 0),
              },
            }),
          ),
          chunk_encoding: optional(opaque),
        },
      }),
    ),
    exemplars: optional(mapping({ name: "exemplars", fields: { max_exemplars: shownDefault(integer, 100_000) } })),
  },
});

export const tracingSection = mapping({
  name: "tracing",
  fields: {
    client_type: shownDefault(oneOf(["http", "grpc"]), "grpc"),
    endpoint: required(text),
    sampling_fraction: withDefault(decimal, 0),
    insecure: withDefault(boolean, false),
    tls_config: optional(tlsConfig),
    headers: withDefault(record(text, "header values", ""), {}),
    compression: optional(oneOf(["gzip"])),
    timeout: withDefault(duration, 0),
  },
});

export const otlpSection = mapping({
  name: "otlp",
  fields: {
    promote_all_resource_attributes: withDefault(boolean, false),
    promote_resource_attributes: withDefault(list(text, "attribute names"), []),
    ignore_resource_attributes: withDefault(list(text, "attribute names"), []),
    translation_strategy: shownDefault(
      oneOf([
        "UnderscoreEscapingWithSuffixes",
        "UnderscoreEscapingWithoutSuffixes",
        "NoUTF8EscapingWithSuffixes",
        "NoTranslation",
      ]),
      "UnderscoreEscapingWithSuffixes",
    ),
    keep_identifying_resource_attributes: withDefault(boolean, false),
    convert_histograms_to_nhcb: withDefault(boolean, false),
    promote_scope_metadata: withDefault(boolean, false),
    label_name_underscore_sanitization: withDefault(boolean, false),
    label_name_preserve_multiple_underscores: withDefault(boolean, false),
  },
  check: (otlp, at) => {
    if (otlp.promote_all_resource_attributes && otlp.promote_resource_attributes.length > 0) {
      at("promote_resource_attributes").fault(
        "promote_all_resource_attributes and promote_resource_attributes do not go together",
      );
    }
    if (!otlp.promote_all_resource_attributes && otlp.ignore_resource_attributes.length > 0) {
      at("ignore_resource_attributes").fault("ignore_resource_attributes needs promote_all_resource_attributes: true");
    }
  },
});

export const runtimeSection = mapping({ name: "runtime", fields: { gogc: shownDefault(integer, 75) } });
