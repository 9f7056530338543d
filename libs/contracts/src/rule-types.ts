/**
 * Asks every ruler for the groups that it evaluates. Each answers with one or more {@link RulesPart}s as JSON on the
 * reply subject; those of one `replica` end with `isLast`. The field names are those of Prometheus' HTTP API.
 */
export const RULES_SUBJECT = "questions.rules";

/** As {@link RULES_SUBJECT}: where alerts are sent beside our own alertmanager; answers are {@link AlertmanagersAnswer}s. */
export const ALERTMANAGERS_SUBJECT = "questions.alertmanagers";

/** The KV bucket of the state of rule groups and their alerts. */
export const ALERT_STATE_BUCKET = "alert_state";

/** The KV bucket of rule groups that were made by API. */
export const RULE_GROUPS_BUCKET = "rule_groups";

/** Rules and alerts of one part together, about, so that no part comes near the size limit of a message. */
export const RULE_ENTRIES_PER_PART = 500;

/** Which rules are wanted; absent fields do not filter. */
export interface RulesQuestion {
  readonly tenant: string;
  readonly type?: "alerting" | "recording";
  readonly ruleNames?: readonly string[];
  readonly groupNames?: readonly string[];
  readonly files?: readonly string[];
  readonly excludeAlerts?: boolean;
}

/** An active alert as `/api/v1/rules` and `/api/v1/alerts` show it. */
export interface RuleAlert {
  readonly labels: Readonly<Record<string, string>>;
  readonly annotations: Readonly<Record<string, string>>;
  readonly state: "pending" | "firing";
  /** RFC 3339. */
  readonly activeAt: string;
  readonly keepFiringSince?: string;
  /** In Go's `e` form. */
  readonly value: string;
}

interface DescribedRuleBase {
  readonly name: string;
  /** The expression as our printer writes it. */
  readonly query: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly health: "unknown" | "ok" | "err";
  readonly lastError?: string;
  /** Seconds. */
  readonly evaluationTime: number;
  /** RFC 3339; `0001-01-01T00:00:00Z` before the first. */
  readonly lastEvaluation: string;
}

/** A rule as `/api/v1/rules` shows it. */
export interface DescribedAlertingRule extends DescribedRuleBase {
  readonly type: "alerting";
  readonly state: "unknown" | "inactive" | "pending" | "firing";
  /** Seconds. */
  readonly duration: number;
  readonly keepFiringFor: number;
  readonly annotations: Readonly<Record<string, string>>;
  readonly alerts: readonly RuleAlert[];
}

export interface DescribedRecordingRule extends DescribedRuleBase {
  readonly type: "recording";
}

export type DescribedRule = DescribedAlertingRule | DescribedRecordingRule;

/** A group as `/api/v1/rules` shows it. */
export interface DescribedRuleGroup {
  readonly name: string;
  readonly file: string;
  readonly rules: readonly DescribedRule[];
  /** Seconds. */
  readonly interval: number;
  readonly limit: number;
  readonly evaluationTime: number;
  readonly lastEvaluation: string;
  /** The first rule here is the last one of the part before, with more of its alerts; not part of the HTTP API. */
  readonly continuesRule?: boolean;
}

/** A long group is split over several parts: those of the same file and name belong together, rules in order. */
export interface RulesPart {
  readonly replica: string;
  readonly isLast: boolean;
  readonly groups: readonly DescribedRuleGroup[];
  /** What the readers of the answer should know of these groups. */
  readonly warnings: readonly string[];
}

export interface AlertmanagersAnswer {
  readonly replica: string;
  /** Addresses that alerts are sent to. */
  readonly active: readonly string[];
  /** Addresses that relabelling removed. */
  readonly dropped: readonly string[];
}
