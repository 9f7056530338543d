/** Consecutive steps, both ends included. */
export interface StepRange {
  readonly first: number;
  readonly last: number;
}

/** More gaps than this are evaluated as one, with what lies between. */
const MAX_GAPS = 2;

/** What of the wanted steps the found ones, which are in order and do not overlap, leave out. */
export function missingSteps(wanted: StepRange, found: readonly StepRange[]): StepRange[] {
  const gaps: StepRange[] = [];
  let next = wanted.first;
  for (const { first, last } of found) {
    if (first > next) gaps.push({ first: next, last: first - 1 });
    next = last + 1;
  }
  if (next <= wanted.last) gaps.push({ first: next, last: wanted.last });
  if (gaps.length <= MAX_GAPS) return gaps;
  return [{ first: gaps[0]?.first ?? wanted.first, last: gaps.at(-1)?.last ?? wanted.last }];
}
