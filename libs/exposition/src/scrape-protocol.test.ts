import { expect, test } from "vitest";
import { ExpositionError } from "./exposition-error.ts";
import { acceptHeader, expositionFormatFor, SCRAPE_PROTOCOLS, type ScrapeProtocol } from "./scrape-protocol.ts";

test("accept header - the default asks for OpenMetrics first and anything last", () => {
  expect(acceptHeader()).toBe(
    "application/openmetrics-text;version=1.0.0;escaping=allow-utf-8;q=0.6," +
      "application/openmetrics-text;version=0.0.1;q=0.5," +
      "text/plain;version=1.0.0;escaping=allow-utf-8;q=0.4,text/plain;version=0.0.4;q=0.3,*/*;q=0.2",
  );
});

test("accept header - keeps the order given and the escaping asked for", () => {
  expect(acceptHeader(["PrometheusText0.0.4", "OpenMetricsText1.0.0"], "underscores")).toBe(
    "text/plain;version=0.0.4;q=0.6,application/openmetrics-text;version=1.0.0;escaping=underscores;q=0.5,*/*;q=0.4",
  );
});

test("accept header - has a place for every protocol", () => {
  expect(acceptHeader(SCRAPE_PROTOCOLS)).toContain(
    "application/vnd.google.protobuf;proto=io.prometheus.client.MetricFamily;encoding=delimited;q=0.6,",
  );
  expect(acceptHeader(SCRAPE_PROTOCOLS)).toContain("*/*;q=0.1");
});

function chooses(contentType: string | undefined, fallback: ScrapeProtocol | undefined, format: string): void {
  test(`format for - ${String(contentType)} with fallback ${String(fallback)} is ${format}`, () => {
    expect(expositionFormatFor(contentType, fallback)).toBe(format);
  });
}

chooses("text/plain; version=0.0.4; charset=utf-8", undefined, "text");
chooses("Text/Plain", "OpenMetricsText1.0.0", "text");
chooses("application/openmetrics-text; version=1.0.0", undefined, "openmetrics");
chooses(undefined, "PrometheusText0.0.4", "text");
chooses("", "OpenMetricsText0.0.1", "openmetrics");
chooses("text/html", "PrometheusText1.0.0", "text");
chooses("application/vnd.google.protobuf; proto=io.prometheus.client.MetricFamily", undefined, "protobuf");
chooses("", "PrometheusProto", "protobuf");
chooses("nonsense", "PrometheusText1.0.0", "text");

function refuses(contentType: string | undefined, message: RegExp, fallback?: ScrapeProtocol): void {
  test(`format for - refuses ${String(contentType)}`, () => {
    expect(() => expositionFormatFor(contentType, fallback)).toThrow(ExpositionError);
    expect(() => expositionFormatFor(contentType, fallback)).toThrow(message);
  });
}

refuses(undefined, /sent no Content-Type/);
refuses("", /sent no Content-Type/);
refuses("text/html; charset=utf-8", /"text\/html; charset=utf-8" is not a supported format/);
refuses("text", /is malformed/);
