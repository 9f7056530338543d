import {
  compareUtf8,
  isLegacyLabelName,
  isLegacyMetricName,
  Labels,
  MAX_LABELS_LENGTH,
  METRIC_NAME,
} from "@monotreme/model";
import type { NameValidationScheme } from "@monotreme/prometheus-config";
import type { RelabelRules } from "@monotreme/relabel";

export interface SeriesLabelOptions {
  readonly targetLabels: Labels;
  readonly honorLabels: boolean;
  readonly metricRelabel: RelabelRules;
}

/** The labels under which an exposed series is stored, or undefined where metric relabelling drops it. */
export function storedLabels(exposed: Labels, options: SeriesLabelOptions): Labels | undefined {
  const { targetLabels, honorLabels, metricRelabel } = options;
  const joined = honorLabels ? exposedWins(exposed, targetLabels) : targetWins(exposed, targetLabels);
  return metricRelabel.apply(joined);
}

function exposedWins(exposed: Labels, target: Labels): Labels {
  return mergeDisjoint(exposed, target) ?? Labels.fromEntries([...target, ...exposed]);
}

/** Both sets in one, or undefined where they share a name. A merge, because this runs for every new series. */
function mergeDisjoint(a: Labels, b: Labels): Labels | undefined {
  const pairs: string[] = [];
  let inB = 0;
  for (let inA = 0; inA < a.size; inA++) {
    const name = a.nameAt(inA);
    for (; inB < b.size; inB++) {
      const order = compareUtf8(b.nameAt(inB), name);
      if (order === 0) return undefined;
      if (order > 0) break;
      pairs.push(b.nameAt(inB), b.valueAt(inB));
    }
    pairs.push(name, a.valueAt(inA));
  }
  for (; inB < b.size; inB++) pairs.push(b.nameAt(inB), b.valueAt(inB));
  return Labels.fromSortedPairs(pairs);
}

/** Exposed labels that clash with the target's move to `exported_<name>`, prefixed again until the name is free. */
export function targetWins(exposed: Labels, target: Labels): Labels {
  const merged = mergeDisjoint(exposed, target);
  if (merged !== undefined) return merged;
  const entries = new Map<string, string>([...exposed, ...target]);
  // The shortest name moves first, so that `exported_x` that is taken by a clash of its own is seen as taken.
  const clashing = [...exposed].filter(([name]) => target.has(name)).toSorted(([a], [b]) => a.length - b.length);
  for (const [name, value] of clashing) {
    let free = `exported_${name}`;
    while (entries.has(free)) free = `exported_${free}`;
    entries.set(free, value);
  }
  return Labels.fromEntries(entries);
}

/** Limits on the labels of one series; 0 means none. */
export interface LabelLimits {
  readonly labelLimit: number;
  readonly labelNameLengthLimit: number;
  readonly labelValueLengthLimit: number;
  readonly scheme: NameValidationScheme;
}

/** A fault that makes the whole scrape fail. */
export interface SeriesFault {
  readonly isLimit: boolean;
  readonly message: string;
}

export function seriesFault(labels: Labels, limits: LabelLimits): SeriesFault | undefined {
  const metric = labels.get(METRIC_NAME);
  if (labels.length > MAX_LABELS_LENGTH) {
    const name = metric.slice(0, 100);
    return { isLimit: true, message: `the labels of ${name} are longer than ${MAX_LABELS_LENGTH} characters` };
  }
  if (metric === "") return { isLimit: false, message: "missing metric name (__name__ label)" };
  const badName = limits.scheme === "legacy" ? legacyNameFault(labels) : undefined;
  if (badName !== undefined) return { isLimit: false, message: badName };
  const overLimit = labelLimitFault(labels, limits, metric.slice(0, 50));
  return overLimit === undefined ? undefined : { isLimit: true, message: overLimit };
}

function legacyNameFault(labels: Labels): string | undefined {
  for (const [name, value] of labels) {
    const isValid = name === METRIC_NAME ? isLegacyMetricName(value) : isLegacyLabelName(name);
    if (!isValid) return `invalid metric name or label names: ${labels.toString()}`;
  }
  return undefined;
}

function labelLimitFault(labels: Labels, limits: LabelLimits, metric: string): string | undefined {
  const { labelLimit, labelNameLengthLimit: nameLimit, labelValueLengthLimit: valueLimit } = limits;
  if (labelLimit > 0 && labels.size > labelLimit) {
    return `label_limit exceeded (metric: ${metric}, number of labels: ${labels.size}, limit: ${labelLimit})`;
  }
  if (nameLimit === 0 && valueLimit === 0) return undefined;
  for (const [name, value] of labels) {
    const nameBytes = Buffer.byteLength(name);
    if (nameLimit > 0 && nameBytes > nameLimit) {
      return `label_name_length_limit exceeded (metric: ${metric}, label name: ${name.slice(0, 50)}, length: ${nameBytes}, limit: ${nameLimit})`;
    }
    const valueBytes = Buffer.byteLength(value);
    if (valueLimit > 0 && valueBytes > valueLimit) {
      return `label_value_length_limit exceeded (metric: ${metric}, label name: ${name.slice(0, 50)}, value: ${JSON.stringify(value.slice(0, 50))}, length: ${valueBytes}, limit: ${valueLimit})`;
    }
  }
  return undefined;
}
