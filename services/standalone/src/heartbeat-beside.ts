import type { FlagValues } from "@monotreme/config";
import {
  type HEARTBEAT_SIDE_FLAGS,
  type HeartbeatServers,
  heartbeatValuesFrom,
  prepareHeartbeat,
  startHeartbeatRole,
} from "@monotreme/heartbeat";
import { externalUrlOf, routePrefixOf } from "@monotreme/http";
import type { ServiceScope } from "@monotreme/lifecycle";

/** The heartbeats of a process with more roles: they have a listener of their own. */
export interface HeartbeatBeside {
  readonly externalUrl: string;
  /** Serves from the moment when this resolves. */
  start(servers: HeartbeatServers): Promise<void>;
}

/** Reads the configuration and takes the port, so that a fault in either is told before anything is started. */
export async function prepareHeartbeatBeside(
  flagValues: FlagValues<typeof HEARTBEAT_SIDE_FLAGS> & { readonly storagePath: string },
  scope: ServiceScope,
): Promise<HeartbeatBeside> {
  const values = heartbeatValuesFrom(flagValues);
  const prepared = await prepareHeartbeat(values);
  const listener = await scope.listen(values.listenAddress, "Heartbeat", {
    flagName: "heartbeat.web.listen-address",
    routePrefix: routePrefixOf(values),
  });
  return {
    externalUrl: externalUrlOf(values, listener.url),
    start: async (servers) => {
      const role = await startHeartbeatRole(prepared, listener, scope, servers);
      scope.onReload(async () => role.reload());
      listener.markReady();
    },
  };
}
