import {
  formatFloat,
  isLegacyLabelName,
  isLegacyMetricName,
  type Labels,
  METRIC_NAME,
  type MetricType,
} from "@monotreme/model";
import type { TextFormat } from "./scrape-protocol.ts";

/** One sample to write; its labels hold the metric's name. */
export interface WrittenSample {
  readonly labels: Labels;
  readonly value: number;
  readonly timestampMs?: number;
  /** Written in OpenMetrics only; the text format has no place for it. */
  readonly exemplar?: { readonly labels: Labels; readonly value: number; readonly timestampMs?: number };
}

/** One metric family to write; help and `unit` are left out where they are empty, `unit` in the text format too. */
export interface WrittenFamily {
  readonly metric: string;
  readonly type: MetricType;
  readonly help: string;
  readonly unit?: string;
  readonly samples: readonly WrittenSample[];
}

/**
 * Writes families in the Prometheus text format (types that it does not know become `untyped`) or in OpenMetrics with
 * `# EOF`. Names outside the classic alphabet are quoted (text 1.0.0, OpenMetrics 1.0 with UTF-8 names).
 */
export function writeExposition(families: Iterable<WrittenFamily>, format: TextFormat): string {
  const isOpenMetrics = format === "openmetrics";
  const lines: string[] = [];
  for (const family of families) {
    const name = isLegacyMetricName(family.metric) ? family.metric : quote(family.metric);
    const help = isOpenMetrics ? escapeQuoted(family.help) : escapeHelp(family.help);
    if (help !== "") lines.push(`# HELP ${name} ${help}`);
    lines.push(`# TYPE ${name} ${isOpenMetrics ? family.type : textTypeOf(family.type)}`);
    if (isOpenMetrics && family.unit !== undefined && family.unit !== "") lines.push(`# UNIT ${name} ${family.unit}`);
    for (const sample of family.samples) {
      lines.push(isOpenMetrics ? openMetricsLine(sample) : textLine(sample));
    }
  }
  if (isOpenMetrics) lines.push("# EOF");
  return lines.map((line) => `${line}\n`).join("");
}

function textLine({ labels, value, timestampMs }: WrittenSample): string {
  const line = `${seriesText(labels)} ${formatFloat(value)}`;
  return timestampMs === undefined ? line : `${line} ${timestampMs}`;
}

function openMetricsLine({ labels, value, timestampMs, exemplar }: WrittenSample): string {
  const line = `${seriesText(labels)} ${formatFloat(value)}${secondsText(timestampMs)}`;
  if (exemplar === undefined) return line;
  const exemplarLabels = [...exemplar.labels].map(labelText).join(",");
  return `${line} # {${exemplarLabels}} ${formatFloat(exemplar.value)}${secondsText(exemplar.timestampMs)}`;
}

function secondsText(timestampMs: number | undefined): string {
  if (timestampMs === undefined) return "";
  const sign = timestampMs < 0 ? "-" : "";
  const whole = Math.abs(timestampMs);
  return ` ${sign}${Math.trunc(whole / 1000)}.${String(whole % 1000).padStart(3, "0")}`;
}

function seriesText(labels: Labels): string {
  const name = labels.metricName;
  const parts = [...labels].filter(([label]) => label !== METRIC_NAME).map(labelText);
  if (isLegacyMetricName(name)) return parts.length === 0 ? name : `${name}{${parts.join(",")}}`;
  return `{${[quote(name), ...parts].join(",")}}`;
}

function labelText([name, value]: readonly [string, string]): string {
  return `${isLegacyLabelName(name) ? name : quote(name)}=${quote(value)}`;
}

function textTypeOf(type: MetricType): string {
  return type === "counter" || type === "gauge" || type === "histogram" || type === "summary" ? type : "untyped";
}

function quote(text: string): string {
  return `"${escapeQuoted(text)}"`;
}

function escapeQuoted(text: string): string {
  return text.replace(/[\\"\n]/g, (char) => (char === "\n" ? "\\n" : `\\${char}`));
}

function escapeHelp(text: string): string {
  return text.replace(/[\\\n]/g, (char) => (char === "\n" ? "\\n" : "\\\\"));
}
