import { type Bus, openVersionedBucket, type VersionedBucket } from "@monotreme/bus";
import type { ClickHouse } from "@monotreme/clickhouse";
import { HEARTBEAT_PROJECTS_BUCKET } from "@monotreme/contracts";
import { createApp, externalUrlOf, type FastifyInstance, type HttpListener } from "@monotreme/http";
import type { ServiceScope } from "@monotreme/lifecycle";
import type { HeartbeatValues } from "./config.ts";
import { type HeartbeatCore, startHeartbeatCore } from "./heartbeat-core.ts";
import { MailListener } from "./mail/mail-listener.ts";
import { shownCheck } from "./management/shown-check.ts";
import { createHeartbeatMetrics, type HeartbeatMetrics } from "./metrics.ts";
import type { LoadedCheck } from "./checks/check-store.ts";
import { FileKeeper } from "./projects/file-keeper.ts";
import { openGeneratedProject } from "./projects/generated-project.ts";
import { HeartbeatSecret } from "./projects/heartbeat-secret.ts";
import { type LoadedFile, loadHeartbeatFile } from "./projects/load-heartbeat-file.ts";
import { ProjectDirectory } from "./projects/project-directory.ts";
import { type Reporting, startReporting } from "./reporting/start-reporting.ts";
import type { HeartbeatContext } from "./routes/heartbeat-context.ts";
import { heartbeatRoutes } from "./routes/heartbeat-routes.ts";

/** The servers that the role works with. */
export interface HeartbeatServers {
  readonly bus: Bus;
  readonly redisUrl: string;
  /** Where the history is kept; not given: there is none. */
  readonly clickhouse?: ClickHouse | undefined;
  /** Copies of streams and buckets. */
  readonly replicas: number;
}

/** A role whose configuration is known to be good. */
export interface PreparedHeartbeat {
  readonly values: HeartbeatValues;
  readonly file: LoadedFile | undefined;
  /** What the address serves beside the role's own routes. */
  readonly routes?: (app: FastifyInstance) => Promise<void>;
}

/** A running role. */
export interface HeartbeatRole {
  /** Reads the file again; rejects with what is wrong, and then nothing has changed. */
  reload(): Promise<void>;
}

/** Reads the configuration, so that a fault in it is told before any server is asked for. */
export async function prepareHeartbeat(values: HeartbeatValues): Promise<PreparedHeartbeat> {
  const path = values.heartbeatConfigFile;
  return { values, file: path === undefined ? undefined : await loadHeartbeatFile(path) };
}

/** What the parts of the role stand on. */
interface Ground {
  readonly values: HeartbeatValues;
  readonly servers: HeartbeatServers;
  readonly scope: ServiceScope;
  readonly metrics: HeartbeatMetrics;
  readonly projects: ProjectDirectory;
  /** Of projects, and of the secret. */
  readonly bucket: VersionedBucket;
  readonly secret: HeartbeatSecret;
  readonly externalUrl: string;
}

/** Starts heartbeats behind a listener: the checks first, pings last. The caller marks the listener ready. */
export async function startHeartbeatRole(
  { values, file, routes }: PreparedHeartbeat,
  listener: HttpListener,
  scope: ServiceScope,
  servers: HeartbeatServers,
): Promise<HeartbeatRole> {
  const { logger, registry } = scope.telemetry;
  const projects = new ProjectDirectory();
  const bucket = await openVersionedBucket(servers.bus, HEARTBEAT_PROJECTS_BUCKET, servers.replicas);
  projects.use(file?.projects ?? [await openGeneratedProject({ ...values, bucket, logger })]);
  const secret = await HeartbeatSecret.open(bucket);
  const metrics = createHeartbeatMetrics(registry);
  const externalUrl = externalUrlOf(values, listener.url);
  const ground: Ground = { values, servers, scope, metrics, projects, bucket, secret, externalUrl };
  const reporting = await openReporting(ground);
  const core = await startCore(ground, reporting);
  reporting.begin();
  const { store } = core;
  const path = values.heartbeatConfigFile;
  const keeper = new FileKeeper({ path, store, projects, secret, metrics, logger, now: Date.now });
  await keeper.apply(file);
  const app = createApp({ telemetry: scope.telemetry, bodyLimitBytes: MAX_REQUEST_BYTES });
  if (routes !== undefined) await app.register(routes);
  await app.register(heartbeatRoutes(contextOf(ground, core, reporting), logger));
  await listener.mount(app);
  await scope.acquire("heartbeat-api", () => ({ close: (deadline) => listener.drain(deadline) }));
  await takeMails(ground, core);
  return { reload: async () => keeper.reload() };
}

async function openReporting({ values, servers, scope, metrics, projects, externalUrl }: Ground): Promise<Reporting> {
  const checkJson = (check: LoadedCheck): object => {
    const project = projects.get(check.definition.project);
    const options = { isReadonly: false, version: 3, externalUrl, nowMs: Date.now() };
    return project === undefined ? {} : shownCheck(check, { ...options, project });
  };
  return scope.acquire("heartbeat-reporting", () =>
    startReporting({
      bus: servers.bus,
      redisUrl: servers.redisUrl,
      clickhouse: servers.clickhouse,
      streamReplicas: servers.replicas,
      retentionMs: values.heartbeatRetentionMs,
      projects,
      externalUrl,
      checkJson,
      telemetry: scope.telemetry,
      metrics,
      now: Date.now,
    }),
  );
}

async function startCore({ values, servers, scope, metrics }: Ground, reporting: Reporting): Promise<HeartbeatCore> {
  return scope.acquire("heartbeat-core", () =>
    startHeartbeatCore({
      bus: servers.bus,
      redisUrl: servers.redisUrl,
      streamReplicas: servers.replicas,
      bodyLimitBytes: values.heartbeatBodyLimitBytes,
      listeners: reporting.listeners,
      onCheck: reporting.onCheck,
      telemetry: scope.telemetry,
      metrics,
      now: Date.now,
    }),
  );
}

/** Requests other than pings. */
const MAX_REQUEST_BYTES = 1024 * 1024;

function contextOf(
  { values, metrics, projects, bucket, secret, externalUrl }: Ground,
  { store, recorder }: HeartbeatCore,
  { history, channels }: Reporting,
): HeartbeatContext {
  return {
    store,
    recorder,
    projects,
    history,
    channelFaults: (project) => channels.faultsOf(project),
    secret,
    metrics,
    bodyLimitBytes: values.heartbeatBodyLimitBytes,
    maxChecks: values.heartbeatMaxChecks,
    externalUrl,
    now: Date.now,
    probe: async () => void (await bucket.get("status")),
  };
}

async function takeMails(
  { values: { heartbeatMailAddress }, scope, metrics, projects }: Ground,
  { store, recorder }: HeartbeatCore,
): Promise<void> {
  if (heartbeatMailAddress === undefined) return;
  const { logger } = scope.telemetry;
  const options = { store, recorder, projects, metrics, logger };
  const mail = await scope.acquire("heartbeat-mail", () => MailListener.open(heartbeatMailAddress, options));
  logger.info({ address: `${heartbeatMailAddress.host}:${mail.port}` }, "taking pings by mail");
}
