import type { HttpClientConfig } from "@monotreme/prometheus-config";
import type { InhibitRule } from "./inhibition/inhibit-rule.ts";
import type { Receiver } from "./receivers/receiver.ts";
import type { Route } from "./routing/route.ts";
import type { TimeInterval } from "./time-intervals/time-interval.ts";

/** What holds for all of the configuration and is not inherited by receivers. */
export interface AlertmanagerGlobalConfig {
  /** For alerts that were posted without an end. */
  readonly resolveTimeoutMs: number;
  readonly httpConfig: HttpClientConfig;
}

/** A whole `alertmanager.yml`, joined with the ntfy side file, every default and inheritance applied. Frozen. */
export interface AlertmanagerConfig {
  readonly global: AlertmanagerGlobalConfig;
  readonly route: Route;
  readonly receivers: readonly Receiver[];
  readonly inhibitRules: readonly InhibitRule[];
  /** By name, those of `mute_time_intervals` included. */
  readonly timeIntervals: ReadonlyMap<string, TimeInterval>;
  /** Absolute patterns of template files. */
  readonly templates: readonly string[];
  /** What is deprecated or likely a mistake, each as `file:line:column: what`. */
  readonly warnings: readonly string[];
  /** The file as YAML with defaults applied and secrets masked; what `/api/v2/status` gives as `config.original`. */
  renderConfig(): string;
}
