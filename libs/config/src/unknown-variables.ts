import { KNOWN_VARIABLES } from "./generated/known-variables.ts";

/** A variable of the environment that looks like one of ours and that no role knows. */
export interface UnknownVariable {
  readonly name: string;
  /** The variable that it was probably meant to be. */
  readonly suggestion: string | undefined;
}

/** Kubernetes sets these in every pod for each service of the namespace, such as one named `monotreme-gateway`. */
const SERVICE_LINK = /_(SERVICE_HOST|SERVICE_PORT(_\w+)?|PORT(_\d+_(TCP|UDP|SCTP)(_\w+)?)?)$/;
/** For tests of Monotreme itself. */
const TEST_VARIABLE = "MONOTREME_KEEP_TEST_DATA";

/** One environment may serve all roles, so only what none of them knows is mistyped. Values are not looked at. */
export function unknownVariables(environment: Readonly<Record<string, string | undefined>>): UnknownVariable[] {
  const known = new Set(KNOWN_VARIABLES);
  return Object.keys(environment)
    .filter((name) => name.startsWith("MONOTREME_") && !known.has(name))
    .filter((name) => name !== TEST_VARIABLE && !SERVICE_LINK.test(name))
    .toSorted()
    .map((name) => ({ name, suggestion: nearestOf(name) }));
}

/** More edits than this are no slip of the pen. */
const MAX_EDITS = 3;

function nearestOf(name: string): string | undefined {
  let nearest: string | undefined;
  let fewest = MAX_EDITS + 1;
  for (const candidate of KNOWN_VARIABLES) {
    if (Math.abs(candidate.length - name.length) >= fewest) continue;
    const edits = editsBetween(name, candidate);
    if (edits < fewest) [nearest, fewest] = [candidate, edits];
  }
  return nearest;
}

/** The Levenshtein distance. */
function editsBetween(one: string, other: string): number {
  let row = Array.from({ length: other.length + 1 }, (_, i) => i);
  for (let i = 1; i <= one.length; i++) {
    const next = [i];
    for (let k = 1; k <= other.length; k++) {
      const swap = (row[k - 1] ?? 0) + (one[i - 1] === other[k - 1] ? 0 : 1);
      next.push(Math.min(swap, (row[k] ?? 0) + 1, (next[k - 1] ?? 0) + 1));
    }
    row = next;
  }
  return row.at(-1) ?? 0;
}
