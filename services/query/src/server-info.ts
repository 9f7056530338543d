/** What the process says of itself in the status routes and on the start page. */
export interface ServerInfo {
  /** The roles that run in this process. */
  readonly roles: readonly string[];
  /** Epoch ms. */
  readonly startedMs: number;
  /** Every flag in force, by name. */
  readonly flags: ReadonlyMap<string, string>;
  /** The configuration as YAML, defaults applied, secrets masked. */
  readonly renderConfig: () => string;
  /** When the configuration was read last, epoch ms, and whether the last attempt succeeded. */
  readonly configState: () => { readonly loadedMs: number; readonly isSuccess: boolean };
}

/**
 * The version of Prometheus whose API this one follows. Clients choose by it what they ask for (Grafana: UTF-8 names,
 * `limit` parameters), so it only rises with what is really supported.
 */
export const API_LEVEL = "3.5.0";
