import { compareUtf8, Labels } from "@monotreme/model";

/** Up to this many labels a walk over all pairs is faster than a set or a general sort. */
const FEW_LABELS = 16;

/** Whether no name occurs twice among names and values in turn. */
export function hasUniqueNames(pairs: readonly string[]): boolean {
  if (pairs.length > FEW_LABELS * 2) return new Set(pairs.filter((_, i) => i % 2 === 0)).size * 2 === pairs.length;
  for (let i = 2; i < pairs.length; i += 2) {
    for (let j = 0; j < i; j += 2) if (pairs[i] === pairs[j]) return false;
  }
  return true;
}

/** The label set of names and values in turn, whose names are unique, in any order; empty values are left out. */
export function labelsFromPairs(pairs: readonly string[]): Labels {
  if (pairs.length > FEW_LABELS * 2) return Labels.fromEntries(entriesOf(pairs));
  const sorted: string[] = [];
  for (let i = 0; i < pairs.length; i += 2) {
    const name = pairs[i] as string;
    const value = pairs[i + 1] as string;
    if (value === "") continue;
    let at = sorted.length;
    sorted.push(name, value);
    for (; at > 0 && compareUtf8(sorted[at - 2] as string, name) > 0; at -= 2) {
      sorted[at] = sorted[at - 2] as string;
      sorted[at + 1] = sorted[at - 1] as string;
    }
    sorted[at] = name;
    sorted[at + 1] = value;
  }
  return Labels.fromSortedPairs(sorted);
}

function entriesOf(pairs: readonly string[]): [string, string][] {
  const entries: [string, string][] = [];
  for (let i = 0; i < pairs.length; i += 2) entries.push([pairs[i] as string, pairs[i + 1] as string]);
  return entries;
}
