/** Counts what one group does. */
export interface GroupMeter {
  ruleStarted(): void;
  ruleEvaluated(seconds: number): void;
  ruleFailed(): void;
  samplesLost(count: number): void;
  evaluated(seconds: number, tsMs: number, samples: number): void;
  /** A slot has come; `missed` ones were passed over before it. */
  iteration(missed: number): void;
  /** Forgets the group's series. */
  remove(): void;
}
