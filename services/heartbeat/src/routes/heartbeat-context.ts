import type { CheckStore } from "../checks/check-store.ts";
import type { HistoryReader } from "../history/history-reader.ts";
import type { HeartbeatMetrics } from "../metrics.ts";
import type { PingRecorder } from "../pings/ping-recorder.ts";
import type { HeartbeatSecret } from "../projects/heartbeat-secret.ts";
import type { ProjectDirectory } from "../projects/project-directory.ts";

/** What the routes work on. */
export interface HeartbeatContext {
  readonly store: CheckStore;
  readonly recorder: PingRecorder;
  readonly projects: ProjectDirectory;
  readonly history: HistoryReader;
  readonly secret: HeartbeatSecret;
  /** Why channels of a project could not be told lately, by their names. */
  readonly channelFaults?: (project: string) => ReadonlyMap<string, string>;
  readonly metrics: HeartbeatMetrics;
  readonly bodyLimitBytes: number;
  /** Checks of a project, at most, that the API makes; pings may make as many again. */
  readonly maxChecks: number;
  /** Where people and jobs reach this server, without a slash at its end. */
  readonly externalUrl: string;
  readonly now: () => number;
  /** Resolves where checks can be changed now; rejects with what is in the way. */
  readonly probe: () => Promise<void>;
}
