/** Addresses that were found together, with the labels they share. */
export interface TargetGroup {
  /** Tells the groups of one discoverer apart. */
  readonly source: string;
  /** Label sets, each with `__address__`. */
  readonly targets: readonly Readonly<Record<string, string>>[];
  readonly labels: Readonly<Record<string, string>>;
}

/** Finds targets in one way until it is closed, and gives all its groups whenever they change. */
export interface Discoverer {
  start(onGroups: (groups: readonly TargetGroup[]) => void): void;
  close(): Promise<void>;
}
