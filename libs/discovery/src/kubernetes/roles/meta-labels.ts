import type { ObjectMeta } from "../objects/object-meta.ts";

/** Labels while they are put together. */
export type LabelDraft = Record<string, string>;

export const META_PREFIX = "__meta_kubernetes_";
export const NAMESPACE_LABEL = `${META_PREFIX}namespace`;

/** Names of labels made from those of objects are shared, since thousands of objects have the same. */
const MAX_SHARED_NAMES = 20_000;
const sharedNames = new Map<string, readonly [value: string, present: string]>();

/** The letters that a label's name may have; everything else becomes `_`. */
export function sanitizeLabelName(name: string): string {
  return name.replace(/[^a-zA-Z0-9_]/g, "_");
}

/** Sets a label that has a value; one without is the same as none. */
export function setLabel(labels: LabelDraft, name: string, value: string): void {
  if (value !== "") labels[META_PREFIX + name] = value;
}

/** The object's labels and annotations, each with its twin that says that it is there. */
export function addLabelsAndAnnotations(labels: LabelDraft, meta: ObjectMeta, kind: string): void {
  addTwins(labels, meta.labels, kind, "label");
  addTwins(labels, meta.annotations, kind, "annotation");
}

/** The object's name, labels and annotations. */
export function addObjectMeta(labels: LabelDraft, meta: ObjectMeta, kind: string): void {
  setLabel(labels, `${kind}_name`, meta.name);
  addLabelsAndAnnotations(labels, meta, kind);
}

function addTwins(
  labels: LabelDraft,
  entries: Readonly<Record<string, string>>,
  kind: string,
  what: "label" | "annotation",
): void {
  for (const name in entries) {
    const [valueName, presentName] = twinNames(kind, what, name);
    const value = entries[name];
    if (value !== undefined && value !== "") labels[valueName] = value;
    labels[presentName] = "true";
  }
}

function twinNames(kind: string, what: string, name: string): readonly [value: string, present: string] {
  const key = `${kind}_${what}_${name}`;
  const known = sharedNames.get(key);
  if (known !== undefined) return known;
  if (sharedNames.size >= MAX_SHARED_NAMES) sharedNames.clear();
  const sanitized = sanitizeLabelName(name);
  const prefix = `${META_PREFIX}${kind}_${what}`;
  const names = [`${prefix}_${sanitized}`, `${prefix}present_${sanitized}`] as const;
  sharedNames.set(key, names);
  return names;
}

/** Host and port, with brackets where the host is an IPv6 address. */
export function joinHostPort(host: string, port: number): string {
  return host.includes(":") ? `[${host}]:${port}` : `${host}:${port}`;
}
