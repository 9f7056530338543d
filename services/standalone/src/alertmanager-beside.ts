import {
  type ALERTMANAGER_SIDE_FLAGS,
  alertmanagerValuesFrom,
  type AlertmanagerServers,
  prepareAlertmanager,
  startAlertmanagerRole,
} from "@monotreme/alertmanager";
import type { FlagValues } from "@monotreme/config";
import { externalUrlOf, routePrefixOf } from "@monotreme/http";
import type { ServiceScope } from "@monotreme/lifecycle";

/** The alertmanager of a process with more roles: it has a listener of its own. */
export interface AlertmanagerBeside {
  readonly externalUrl: string;
  /** Serves from the moment when this resolves. */
  start(servers: AlertmanagerServers): Promise<void>;
}

/** Reads the configuration and takes the port, so that a fault in either is told before anything is started. */
export async function prepareAlertmanagerBeside(
  flagValues: FlagValues<typeof ALERTMANAGER_SIDE_FLAGS>,
  scope: ServiceScope,
): Promise<AlertmanagerBeside> {
  const values = alertmanagerValuesFrom(flagValues);
  const prepared = await prepareAlertmanager(values, scope.telemetry);
  const listener = await scope.listen(values.listenAddress, "Alertmanager", {
    flagName: "alertmanager.web.listen-address",
    routePrefix: routePrefixOf(values),
    probeText: "OK",
  });
  return {
    externalUrl: externalUrlOf(values, listener.url),
    start: async (servers) => {
      const role = await startAlertmanagerRole(prepared, listener, scope, servers);
      scope.onReload(async () => role.reload());
      listener.markReady();
    },
  };
}
