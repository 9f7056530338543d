import { type Labels, METRIC_NAME } from "@monotreme/model";

/** Gives label sets a key: equal keys, same group. */
export type SignatureOf = (labels: Labels) => string;

/** Parts a key's values; it occurs in no valid UTF-8 text. */
const SEPARATOR = "\uffff";

/** The key of some labels (`on`, `by`), or of all but some and the metric name (`ignoring`, `without`). */
export function createSignature(names: readonly string[], isSelection: boolean): SignatureOf {
  if (isSelection) {
    const wanted = [...new Set(names)];
    if (wanted.length === 0) return () => "";
    if (wanted.length === 1) {
      const only = wanted[0]!;
      return (labels) => labels.get(only);
    }
    return (labels) => wanted.map((name) => labels.get(name)).join(SEPARATOR);
  }
  const dropped = new Set([...names, METRIC_NAME]);
  return (labels) => labels.drop(dropped).key;
}
