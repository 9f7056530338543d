/** A value of a manifest. */
export type Value = string | number | boolean | null | readonly Value[] | { readonly [key: string]: Value };

/** An object of Kubernetes as it stands in YAML. */
export interface Manifest {
  readonly [key: string]: Value;
}

/** By which field the entries of a list are told apart, by the name of the list; others are replaced whole. */
const MERGE_KEYS: Readonly<Record<string, string>> = {
  containers: "name",
  initContainers: "name",
  env: "name",
  volumes: "name",
  ports: "containerPort",
  volumeMounts: "mountPath",
  topologySpreadConstraints: "topologyKey",
};

/** Whether a value is a mapping. */
export function isMapping(value: Value | undefined): value is Manifest {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** A text, or an empty one where something else stands. */
export function textOf(value: Value | undefined): string {
  return typeof value === "string" ? value : "";
}

/** `Kind name` of an object. */
export function idOf({ kind, metadata }: Manifest): string {
  return `${textOf(kind)} ${isMapping(metadata) ? textOf(metadata["name"]) : ""}`;
}

/** Merges a patch into a manifest as Kubernetes' strategic merge does, for the lists that we patch; null removes. */
export function strategicMerge(target: Manifest, patch: Manifest): Manifest {
  const merged: Record<string, Value> = { ...target };
  for (const [key, change] of Object.entries(patch)) {
    const before = merged[key];
    if (change === null) delete merged[key];
    else if (isMapping(change)) merged[key] = strategicMerge(isMapping(before) ? before : {}, change);
    else if (Array.isArray(change) && Array.isArray(before)) merged[key] = mergeLists(key, before, change);
    else merged[key] = change;
  }
  return merged;
}

function mergeLists(name: string, before: readonly Value[], changes: readonly Value[]): readonly Value[] {
  const mergeKey = MERGE_KEYS[name];
  if (mergeKey === undefined || ![...before, ...changes].every((entry) => isMapping(entry) && mergeKey in entry)) {
    return changes;
  }
  const merged = before.filter(isMapping);
  for (const change of changes.filter(isMapping)) {
    const at = merged.findIndex((entry) => entry[mergeKey] === change[mergeKey]);
    const old = merged[at];
    if (old === undefined) merged.push(change);
    else merged[at] = strategicMerge(old, change);
  }
  return merged;
}
