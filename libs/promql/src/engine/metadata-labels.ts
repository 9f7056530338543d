import { type Labels, METRIC_NAME } from "@monotreme/model";

/** Labels that say what a sample is: no longer true of a value that was computed from it. */
const METADATA_LABELS: ReadonlySet<string> = new Set([METRIC_NAME, "__type__", "__unit__"]);

/** The labels without the metric's name, type and unit. */
export function withoutMetadataLabels(labels: Labels): Labels {
  return labels.drop(METADATA_LABELS);
}
