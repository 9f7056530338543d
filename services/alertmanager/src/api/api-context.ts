import type { LabelMatcher } from "@monotreme/alertmanager-config";
import type { AlertStore } from "../alerts/alert-store.ts";
import type { AlertViews } from "../engine/alert-views.ts";
import type { FailedDeliveries } from "../delivery/failed-deliveries.ts";
import type { History } from "../history/history.ts";
import type { IntakeMetrics } from "../metrics.ts";
import type { SilenceStore } from "../silences/silence-store.ts";
import type { SilenceTokens } from "../silences/silence-tokens.ts";

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
  readonly alerts: Pick<AlertStore, "put" | "get" | "values">;
  readonly views: AlertViews;
  readonly silences: SilenceStore;
  readonly tokens: SilenceTokens;
  readonly history: History;
  readonly failedDeliveries: FailedDeliveries;
  readonly info: AlertmanagerInfo;
  /** One matcher, in the syntax that `--enable-feature` chose; throws where it is none. */
  readonly parseMatcher: (text: string) => LabelMatcher;
  readonly intake: IntakeMetrics;
  /** `global.resolve_timeout`, for alerts without an end. */
  readonly resolveTimeoutMs: () => number;
  /** Names of labels are as narrow as they once were. */
  readonly isClassicMode: boolean;
  /** Epoch ms. */
  readonly now: () => number;
}
