import type { FreeValue, HttpIntegrationConfig } from "./integration-config.ts";

/** A template and whether it is written again when the issue exists. */
export interface JiraField {
  readonly template: string;
  readonly enableUpdate: boolean;
}

/** Labels of an issue (templates) and whether they are written again when the issue exists. */
export interface JiraLabels {
  readonly values: readonly string[];
  readonly enableUpdate: boolean;
}

/** One entry of `jira_configs`. */
export interface JiraConfig extends HttpIntegrationConfig {
  readonly apiUrl: string;
  readonly apiType: "auto" | "cloud" | "datacenter";
  readonly project: string;
  readonly summary: JiraField;
  readonly description: JiraField;
  readonly labels: JiraLabels;
  readonly priority: string;
  readonly issueType: string;
  readonly reopenTransition: string;
  readonly resolveTransition: string;
  readonly wontFixResolution: string;
  /** 0 means without bound. */
  readonly reopenDurationMs: number;
  /** Further fields of the issue; every text in them is a template. */
  readonly fields: Readonly<Record<string, FreeValue>>;
}
