import { type Labels, METRIC_NAME } from "@monotreme/model";

/** Labels that say what a sample is: no longer true of a value that was computed from it. */
const METADATA_LABELS: ReadonlySet<string> = new Set([METRIC_NAME, "__type__", "__unit__"]);

/** Whether two label sets have the same name, type and unit. */
export function isSameMetadata(a: Labels, b: Labels): boolean {
  for (const name of METADATA_LABELS) if (a.get(name) !== b.get(name)) return false;
  return true;
}

/** The labels without the metric's name, type and unit. */
export function withoutMetadataLabels(labels: Labels): Labels {
  return labels.drop(METADATA_LABELS);
}
