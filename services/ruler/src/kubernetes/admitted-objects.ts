import type { RuleObject } from "./rule-object.ts";

/** What one ruler takes from a cluster. */
export interface ObjectLimits {
  readonly objects: number;
  /** Of all objects together. */
  readonly bytes: number;
}

export const OBJECT_LIMITS: ObjectLimits = { objects: 5000, bytes: 64 * 2 ** 20 };

export interface AdmittedObjects {
  /** By `namespace/name`, the oldest first. */
  readonly admitted: ReadonlyMap<string, RuleObject>;
  /** Those that are too many, or for whose rules there is no room. */
  readonly refused: readonly string[];
}

/** Chooses the objects whose rules are read: the oldest come first, so that all replicas choose alike. */
export function admitObjects(objects: ReadonlyMap<string, RuleObject>, limits: ObjectLimits): AdmittedObjects {
  const admitted = new Map<string, RuleObject>();
  const refused: string[] = [];
  let bytes = 0;
  for (const [key, object] of [...objects].toSorted(byAge)) {
    const size = object.spec === undefined ? 0 : object.sizeBytes;
    if (admitted.size >= limits.objects || bytes + size > limits.bytes) {
      refused.push(key);
      continue;
    }
    bytes += size;
    admitted.set(key, object);
  }
  return { admitted, refused };
}

function byAge([keyA, a]: readonly [string, RuleObject], [keyB, b]: readonly [string, RuleObject]): number {
  if (a.createdAt !== b.createdAt) return a.createdAt < b.createdAt ? -1 : 1;
  return keyA < keyB ? -1 : 1;
}
