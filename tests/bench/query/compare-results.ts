/** A result as the API gives it, to be compared: values by time, by labels. */
export type ComparableResult = ReadonlyMap<string, ReadonlyMap<number, number>>;

interface ApiAnswer {
  readonly status: string;
  readonly error?: string;
  readonly data?: {
    readonly result: readonly {
      readonly metric: Record<string, string>;
      readonly value?: readonly [number, string];
      readonly values?: readonly (readonly [number, string])[];
    }[];
  };
}

/** With `byRank` the values of each time stand under their rank instead of their labels. */
export function readResult(text: string, byRank: boolean): ComparableResult {
  const answer = JSON.parse(text) as ApiAnswer;
  if (answer.status !== "success") throw new Error(`query failed: ${answer.error ?? text.slice(0, 200)}`);
  const byLabels = new Map(
    (answer.data?.result ?? []).map(({ metric, value, values }) => [
      JSON.stringify(Object.entries(metric).sort(([a], [b]) => (a < b ? -1 : 1))),
      new Map((values ?? (value === undefined ? [] : [value])).map(([time, number]) => [time, Number(number)])),
    ]),
  );
  return byRank ? rankValues(byLabels) : byLabels;
}

function rankValues(byLabels: ComparableResult): ComparableResult {
  const byTime = new Map<number, number[]>();
  for (const values of byLabels.values()) {
    for (const [time, value] of values) byTime.set(time, [...(byTime.get(time) ?? []), value]);
  }
  const ranked = new Map<string, Map<number, number>>();
  for (const [time, values] of byTime) {
    for (const [rank, value] of values.sort((a, b) => b - a).entries()) {
      const ofRank = ranked.get(String(rank)) ?? new Map<number, number>();
      ranked.set(String(rank), ofRank.set(time, value));
    }
  }
  return ranked;
}

/** The largest relative difference of two values, or why the results cannot be compared. */
export function differenceOf(a: ComparableResult, b: ComparableResult): number | string {
  if (a.size !== b.size) return `${a.size} and ${b.size} series`;
  let largest = 0;
  for (const [labels, values] of a) {
    const others = b.get(labels);
    if (others === undefined) return `only one has ${labels}`;
    if (others.size !== values.size) return `${values.size} and ${others.size} values of ${labels}`;
    for (const [time, value] of values) {
      const other = others.get(time);
      if (other === undefined) return `only one has a value of ${labels} at ${time}`;
      if (Object.is(value, other)) continue;
      largest = Math.max(largest, Math.abs(value - other) / Math.max(Math.abs(value), Math.abs(other)));
    }
  }
  return largest;
}
