import { isStaleAt, type Labels, Matcher, METRIC_NAME, wordsOf } from "@monotreme/model";
import type { SampleSource } from "@monotreme/promql";
import type { RecordingRuleConfig } from "@monotreme/rules";

/**
 * The series that a recording rule wrote at an instant, as the storage has them: those of its name with its labels and a
 * sample at exactly that time. For whoever takes a group over, so that what vanished since is ended.
 */
export async function readFormerSeries(
  source: SampleSource,
  { name }: Pick<RecordingRuleConfig, "name">,
  labels: Labels,
  atMs: number,
): Promise<readonly Labels[]> {
  const matchers = [new Matcher("=", METRIC_NAME, name)];
  for (const [label, value] of labels) if (label !== METRIC_NAME) matchers.push(new Matcher("=", label, value));
  const series = await source.select({ matchers, afterMs: atMs - 1, untilMs: atMs, stepMs: 0, functionName: "" });
  return series.filter(({ values }) => !isStale(values)).map((each) => each.labels);
}

function isStale(values: Float64Array): boolean {
  return values.length > 0 && isStaleAt(wordsOf(values), values.length - 1);
}
