import type { LabelMatcher } from "@monotreme/alertmanager-config";
import type { SilenceStore } from "../silences/silence-store.ts";

/** The replicas as upstream's API shows its cluster. */
export interface ClusterStatus {
  readonly name?: string;
  readonly status: "ready" | "settling" | "disabled";
  readonly peers: readonly { readonly name: string; readonly address: string }[];
}

/** What the API tells of the process and its configuration. */
export interface AlertmanagerInfo {
  readonly startedMs: number;
  renderConfig(): string;
  receivers(): readonly { readonly name: string; readonly labels: Readonly<Record<string, string>> }[];
  cluster(): ClusterStatus;
}

/** What the routes of the API work on. */
export interface ApiContext {
  readonly silences: SilenceStore;
  readonly info: AlertmanagerInfo;
  /** One matcher, in the syntax that `--enable-feature` chose; throws where it is none. */
  readonly parseMatcher: (text: string) => LabelMatcher;
  /** Epoch ms. */
  readonly now: () => number;
}
