import { ExpositionError } from "./exposition-error.ts";

/** The formats a scrape can ask for, by the names that `scrape_protocols` uses. */
export const SCRAPE_PROTOCOLS = [
  "PrometheusProto",
  "OpenMetricsText1.0.0",
  "OpenMetricsText0.0.1",
  "PrometheusText1.0.0",
  "PrometheusText0.0.4",
] as const;

export type ScrapeProtocol = (typeof SCRAPE_PROTOCOLS)[number];

/** What `scrape_protocols` is where a configuration does not set it, most wanted first. */
export const DEFAULT_SCRAPE_PROTOCOLS: readonly ScrapeProtocol[] = [
  "OpenMetricsText1.0.0",
  "OpenMetricsText0.0.1",
  "PrometheusText1.0.0",
  "PrometheusText0.0.4",
];

/** How a target is asked to write names outside `[a-zA-Z0-9_:]`: a value of `metric_name_escaping_scheme`. */
export type EscapingScheme = "allow-utf-8" | "underscores" | "dots" | "values";

/** The grammars that a body of text can be read with. */
export type TextFormat = "text" | "openmetrics";

/** All that a body can be read as. */
export type ExpositionFormat = TextFormat | "protobuf";

const MEDIA_TYPES: Readonly<Record<ScrapeProtocol, string>> = {
  PrometheusProto: "application/vnd.google.protobuf;proto=io.prometheus.client.MetricFamily;encoding=delimited",
  "OpenMetricsText1.0.0": "application/openmetrics-text;version=1.0.0",
  "OpenMetricsText0.0.1": "application/openmetrics-text;version=0.0.1",
  "PrometheusText1.0.0": "text/plain;version=1.0.0",
  "PrometheusText0.0.4": "text/plain;version=0.0.4",
};

/** Protocols whose media type carries the escaping scheme. */
const ESCAPED: ReadonlySet<ScrapeProtocol> = new Set(["OpenMetricsText1.0.0", "PrometheusText1.0.0"]);

const FORMAT_OF_MEDIA_TYPE: ReadonlyMap<string, ExpositionFormat> = new Map([
  ["application/vnd.google.protobuf", "protobuf"],
  ["text/plain", "text"],
  ["application/openmetrics-text", "openmetrics"],
]);

const FORMAT_OF_PROTOCOL: Readonly<Record<ScrapeProtocol, ExpositionFormat>> = {
  PrometheusProto: "protobuf",
  "OpenMetricsText1.0.0": "openmetrics",
  "OpenMetricsText0.0.1": "openmetrics",
  "PrometheusText1.0.0": "text",
  "PrometheusText0.0.4": "text",
};

const TOKEN = /^[!#$%&'*+.^_`|~0-9a-z-]+\/[!#$%&'*+.^_`|~0-9a-z-]+$/;

/**
 * The Accept header of a scrape: the protocols in their order with falling quality, then anything at all with the
 * lowest (Prometheus' own header for the same list).
 */
export function acceptHeader(
  protocols: readonly ScrapeProtocol[] = DEFAULT_SCRAPE_PROTOCOLS,
  escaping: EscapingScheme = "allow-utf-8",
): string {
  // Weights count down from 0.6 in steps of 0.1, the wildcard's last, as Prometheus' own do.
  const parts = protocols.map((protocol, index) => {
    const escape = ESCAPED.has(protocol) ? `;escaping=${escaping}` : "";
    return `${MEDIA_TYPES[protocol]}${escape};q=0.${SCRAPE_PROTOCOLS.length + 1 - index}`;
  });
  return [...parts, `*/*;q=0.${SCRAPE_PROTOCOLS.length + 1 - protocols.length}`].join(",");
}

/**
 * Which grammar reads a body, chosen by the media type of its Content-Type alone. A blank, malformed or unknown type is
 * read as the fallback protocol, or, without one, throws {@link ExpositionError}.
 */
export function expositionFormatFor(contentType: string | undefined, fallback?: ScrapeProtocol): ExpositionFormat {
  const mediaType = (contentType ?? "").split(";", 1)[0]?.trim().toLowerCase() ?? "";
  const format = FORMAT_OF_MEDIA_TYPE.get(mediaType);
  if (format !== undefined) return format;
  if (fallback !== undefined) return FORMAT_OF_PROTOCOL[fallback];
  throw new ExpositionError("EXPOSITION_CONTENT_TYPE", describeContentType(contentType ?? "", mediaType));
}

function describeContentType(contentType: string, mediaType: string): string {
  const advice = "and the target has no fallback_scrape_protocol";
  if (contentType === "") return `the target sent no Content-Type ${advice}`;
  const shown = JSON.stringify(contentType.slice(0, 200));
  const problem = TOKEN.test(mediaType) ? "is not a supported format" : "is malformed";
  return `the target's Content-Type ${shown} ${problem} ${advice}`;
}
