import type { ConfigNode } from "@monotreme/prometheus-config";

type NodeOf<K extends string> = (field?: K) => ConfigNode;

/** Fault unless at most one of two fields is given; an empty text is not. */
export function checkAtMostOne<K extends string>(
  at: NodeOf<K>,
  value: Readonly<Record<K, unknown>>,
  first: K,
  second: K,
): void {
  if (isGiven(value[first]) && isGiven(value[second])) {
    at(second).fault(`at most one of ${first} & ${second} must be configured`);
  }
}

/** As {@link checkAtMostOne}, and one there must be. */
export function checkExactlyOne<K extends string>(
  at: NodeOf<K>,
  value: Readonly<Record<K, unknown>>,
  first: K,
  second: K,
): void {
  checkAtMostOne(at, value, first, second);
  if (!isGiven(value[first]) && !isGiven(value[second])) {
    at().fault(`one of ${first} or ${second} must be configured`);
  }
}

/** Whether a field has a value other than the empty text. */
export function isGiven(value: unknown): boolean {
  return value !== undefined && value !== "";
}
