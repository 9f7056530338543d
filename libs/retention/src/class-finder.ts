import { type Labels, matchesAll, type Matcher, METRIC_NAME } from "@monotreme/model";
import { DEFAULT_CLASS, type RetentionClass } from "./retention-class.ts";

/** A class that series of one metric may be of. */
interface Candidate {
  readonly name: string;
  readonly tenants: ReadonlySet<string> | undefined;
  /** What is left to ask of the other labels, any of the sets; undefined = nothing. */
  readonly matcherSets: readonly (readonly Matcher[])[] | undefined;
}

/** Metric names whose candidates are remembered; then all are forgotten and found again. */
const MAX_METRICS = 100_000;

/** Finds the classes of series. Matchers of the metric's name are asked once a name, the others once a series. */
export class ClassFinder {
  readonly #classes: readonly RetentionClass[];
  readonly #candidates = new Map<string, readonly Candidate[]>();

  constructor(classes: readonly RetentionClass[]) {
    this.#classes = classes;
  }

  find(tenant: string, labels: Labels): string {
    if (this.#classes.length === 0) return DEFAULT_CLASS;
    for (const { name, tenants, matcherSets } of this.#candidatesOf(labels.metricName)) {
      if (tenants !== undefined && !tenants.has(tenant)) continue;
      if (matcherSets === undefined || matcherSets.some((matchers) => matchesAll(matchers, labels))) return name;
    }
    return DEFAULT_CLASS;
  }

  #candidatesOf(metricName: string): readonly Candidate[] {
    const known = this.#candidates.get(metricName);
    if (known !== undefined) return known;
    if (this.#candidates.size >= MAX_METRICS) this.#candidates.clear();
    const candidates = this.#classes.flatMap((retentionClass) => candidateOf(retentionClass, metricName) ?? []);
    this.#candidates.set(metricName, candidates);
    return candidates;
  }
}

function candidateOf({ name, tenants, matcherSets }: RetentionClass, metricName: string): Candidate | undefined {
  if (matcherSets === undefined) return { name, tenants, matcherSets };
  const left = matcherSets
    .filter((matchers) => matchers.every((matcher) => matcher.name !== METRIC_NAME || matcher.matches(metricName)))
    .map((matchers) => matchers.filter((matcher) => matcher.name !== METRIC_NAME));
  if (left.length === 0) return undefined;
  return { name, tenants, matcherSets: left.some((matchers) => matchers.length === 0) ? undefined : left };
}
