import { ALERTMANAGER_ROLE_FLAGS, prepareAlertmanager, startAlertmanagerRole } from "@monotreme/alertmanager";
import { connectBus } from "@monotreme/bus";
import {
  flag,
  givenText,
  givenTexts,
  listenAddressSchema,
  optionalFlag,
  type ParsedFlags,
  processCommandLine,
  textSchema,
  urlSchema,
} from "@monotreme/config";
import { externalUrlOf, routePrefixOf } from "@monotreme/http";
import type { ServiceScope } from "@monotreme/lifecycle";
import type { Logger } from "@monotreme/telemetry";
import { type SharedState, sharedStateOf } from "./alertmanager-peers.ts";
import { createStandaloneMetrics } from "./metrics.ts";
import { startParts } from "./parts.ts";

const SAME_AS = "The same as without the prefix, for command lines that are written for more roles.";

/**
 * Flags of a process that is the alertmanager and nothing else: upstream Alertmanager's under their own names, and where
 * its servers are.
 */
export const ALERTMANAGER_ALONE_FLAGS = {
  ...ALERTMANAGER_ROLE_FLAGS,
  storagePath: flag("storage.path", textSchema, "./data", "Folder of all data."),
  roles: flag("roles", textSchema, "alertmanager", "Roles to run in this process."),
  natsUrl: optionalFlag("nats.url", textSchema, "NATS servers to use; not given: one is started beside this process."),
  redisUrl: optionalFlag("redis.url", urlSchema, "Redis to use; not given: one is started beside this process."),
  prefixedConfigFile: optionalFlag("alertmanager.config.file", textSchema, SAME_AS),
  prefixedListenAddress: optionalFlag("alertmanager.web.listen-address", listenAddressSchema, SAME_AS),
  prefixedExternalUrl: optionalFlag("alertmanager.web.external-url", urlSchema, SAME_AS),
} as const;

/** Runs the alertmanager with NATS and Redis beside it, unless they are given; ClickHouse is not needed. */
export async function startAlertmanagerAlone(
  { values: given }: ParsedFlags<typeof ALERTMANAGER_ALONE_FLAGS>,
  scope: ServiceScope,
): Promise<void> {
  const { logger, registry } = scope.telemetry;
  const values = {
    ...given,
    configFile: given.prefixedConfigFile ?? given.configFile,
    externalUrl: given.prefixedExternalUrl ?? given.externalUrl,
    listenAddress: given.prefixedListenAddress ?? given.listenAddress,
  };
  const prepared = await prepareAlertmanager(values, scope.telemetry);
  const listener = await scope.listen(values.listenAddress, "Alertmanager", {
    routePrefix: routePrefixOf(values),
    probeText: "OK",
  });
  logger.info({ address: listener.url, storage: values.storagePath }, "starting");
  const metrics = createStandaloneMetrics(registry);
  const shared = given.natsUrl === undefined ? stateSharedByFlags(logger) : {};
  const { ownPort, natsUrl = given.natsUrl } = shared;
  const ports = ownPort === undefined ? {} : { nats: ownPort };
  const urls = await startParts({ ...values, natsUrl, needs: ["nats", "redis"], ports, logger, metrics }, scope);
  const bus = await scope.acquire("bus", () => connectBus({ url: urls.nats, name: "alertmanager", logger, registry }));
  const role = await startAlertmanagerRole(prepared, listener, scope, { bus, redisUrl: urls.redis, replicas: 1 });
  scope.onReload(async () => role.reload());
  listener.markReady();
  process.stdout.write(`monotreme is ready: alertmanager ${externalUrlOf(values, listener.url)}\n`);
}

/** The flags of upstream's gossip: they are read here only to find the others on this machine. */
function stateSharedByFlags(logger: Logger): Partial<SharedState> {
  const commandLine = processCommandLine();
  const listenAddress = givenText("cluster.listen-address", commandLine) ?? "";
  const shared = sharedStateOf(listenAddress, givenTexts("cluster.peer", commandLine));
  if (shared.elsewhere.length > 0) {
    const peers = shared.elsewhere.join(",");
    logger.warn({ peers }, "peers on other machines are not reached; replicas there share a NATS: see --nats.url");
  }
  return shared;
}
