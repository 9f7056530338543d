import { hostname } from "node:os";
import { formatDurationMs, Labels, parseDurationMs } from "@monotreme/model";
import type { ScrapeConfig } from "@monotreme/prometheus-config";
import type { RelabelRules } from "@monotreme/relabel";

/** What is to be scraped: where, how often, and which labels all its series get. */
export interface Target {
  /** Equal for targets with the same labels and address. */
  readonly key: string;
  /** Labels of all its series; none starts with `__`. */
  readonly labels: Labels;
  /** The labels before relabelling, for the API. */
  readonly discoveredLabels: Labels;
  readonly url: string;
  readonly intervalMs: number;
  readonly timeoutMs: number;
}

/** What became of a discovered address. */
export type TargetOutcome =
  | { readonly kind: "target"; readonly target: Target }
  | { readonly kind: "dropped"; readonly discoveredLabels: Labels }
  | { readonly kind: "error"; readonly message: string };

/** Turns discovered labels into a target by upstream's rules: defaults, relabelling, checks. */
export function targetFromLabels(discovered: Labels, config: ScrapeConfig, rules: RelabelRules): TargetOutcome {
  const discoveredLabels = withDefaults(discovered, config);
  const relabelled = rules.apply(discoveredLabels);
  if (relabelled === undefined) return { kind: "dropped", discoveredLabels };
  const address = relabelled.get("__address__");
  const intervalMs = parseDurationMs(relabelled.get("__scrape_interval__"));
  const timeoutMs = parseDurationMs(relabelled.get("__scrape_timeout__"));
  const fault = addressFault(address) ?? intervalFault(relabelled, intervalMs, timeoutMs);
  if (fault !== undefined || intervalMs === undefined || timeoutMs === undefined) {
    return { kind: "error", message: fault ?? "" };
  }
  const url = urlOf(relabelled, config);
  if (url === undefined) return { kind: "error", message: `${JSON.stringify(address)} is not a valid address` };
  const labels = publicLabels(relabelled, address);
  // The discovered labels do not count: two ways to find one target are one target.
  const key = `${labels.key}\n${url}\n${intervalMs}\n${timeoutMs}`;
  return { kind: "target", target: { key, labels, discoveredLabels, url, intervalMs, timeoutMs } };
}

/** The URL as others can reach it: a loopback host stands for this machine. */
export function globalUrlOf(url: string): string {
  const parsed = new URL(url);
  if (["localhost", "127.0.0.1", "[::1]"].includes(parsed.hostname)) parsed.hostname = hostname();
  return parsed.href;
}

function withDefaults(discovered: Labels, config: ScrapeConfig): Labels {
  const defaults: [string, string][] = [
    ["job", config.jobName],
    ["__scrape_interval__", formatDurationMs(config.scrapeIntervalMs)],
    ["__scrape_timeout__", formatDurationMs(config.scrapeTimeoutMs)],
    ["__metrics_path__", config.metricsPath],
    ["__scheme__", config.scheme],
  ];
  const params = Object.entries(config.params).flatMap(([name, [first]]): [string, string][] =>
    first === undefined ? [] : [[`__param_${name}`, first]],
  );
  return Labels.fromEntries([...defaults, ...discovered, ...params]);
}

function addressFault(address: string): string | undefined {
  if (address === "") return "no address";
  return address.includes("/") ? `${JSON.stringify(address)} is not a valid hostname` : undefined;
}

function intervalFault(
  labels: Labels,
  intervalMs: number | undefined,
  timeoutMs: number | undefined,
): string | undefined {
  if (intervalMs === undefined) {
    return `error parsing scrape interval: not a valid duration: ${JSON.stringify(labels.get("__scrape_interval__"))}`;
  }
  if (timeoutMs === undefined) {
    return `error parsing scrape timeout: not a valid duration: ${JSON.stringify(labels.get("__scrape_timeout__"))}`;
  }
  if (intervalMs === 0) return "scrape interval cannot be 0";
  if (timeoutMs === 0) return "scrape timeout cannot be 0";
  return timeoutMs > intervalMs ? "scrape timeout cannot be greater than scrape interval" : undefined;
}

function publicLabels(labels: Labels, address: string): Labels {
  const entries = [...labels].filter(([name]) => !name.startsWith("__"));
  return Labels.fromEntries([["instance", address], ...entries]);
}

function urlOf(labels: Labels, config: ScrapeConfig): string | undefined {
  const params = new Map(Object.entries(config.params).map(([name, values]) => [name, [...values]]));
  for (const [name, value] of labels) {
    if (!name.startsWith("__param_")) continue;
    const param = name.slice("__param_".length);
    params.set(param, [value, ...(params.get(param)?.slice(1) ?? [])]);
  }
  const scheme = labels.get("__scheme__");
  const path = labels.get("__metrics_path__");
  if (scheme !== "http" && scheme !== "https") return undefined;
  const text = `${scheme}://${labels.get("__address__")}${path.startsWith("/") ? "" : "/"}${path.replaceAll("?", "%3F").replaceAll("#", "%23")}`;
  if (!URL.canParse(text)) return undefined;
  const url = new URL(text);
  for (const [name, values] of [...params].toSorted(([a], [b]) => (a < b ? -1 : 1))) {
    for (const value of values) url.searchParams.append(name, value);
  }
  return url.href;
}
