import { type Bus, openVersionedBucket } from "@monotreme/bus";
import type { ClickHouse } from "@monotreme/clickhouse";
import { HEARTBEAT_PROJECTS_BUCKET } from "@monotreme/contracts";
import { createApp, externalUrlOf, type HttpListener } from "@monotreme/http";
import type { ServiceScope } from "@monotreme/lifecycle";
import type { HeartbeatValues } from "./config.ts";
import { startHeartbeatCore } from "./heartbeat-core.ts";
import { MailListener } from "./mail/mail-listener.ts";
import { shownCheck } from "./management/shown-check.ts";
import { createHeartbeatMetrics } from "./metrics.ts";
import type { LoadedCheck } from "./checks/check-store.ts";
import { applyFileChecks } from "./projects/apply-file-checks.ts";
import { openGeneratedProject } from "./projects/generated-project.ts";
import { HeartbeatSecret } from "./projects/heartbeat-secret.ts";
import { type LoadedFile, loadHeartbeatFile } from "./projects/load-heartbeat-file.ts";
import { ProjectDirectory } from "./projects/project-directory.ts";
import { startReporting } from "./reporting/start-reporting.ts";
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
}

/** A running role. */
export interface HeartbeatRole {
  /** Reads the file again; rejects with what is wrong, and then nothing has changed. */
  reload(): Promise<void>;
}

/** Reads the configuration, so that a fault in it is told before any server is asked for. */
export async function prepareHeartbeat(values: HeartbeatValues): Promise<PreparedHeartbeat> {
  return { values, file: await readFile(values) };
}

async function readFile({ heartbeatConfigFile }: HeartbeatValues): Promise<LoadedFile | undefined> {
  return heartbeatConfigFile === undefined ? undefined : loadHeartbeatFile(heartbeatConfigFile);
}

/** Starts heartbeats behind a listener: the checks first, pings last. The caller marks the listener ready. */
export async function startHeartbeatRole(
  { values, file }: PreparedHeartbeat,
  listener: HttpListener,
  scope: ServiceScope,
  servers: HeartbeatServers,
): Promise<HeartbeatRole> {
  const { telemetry } = scope;
  const { logger, registry } = telemetry;
  const metrics = createHeartbeatMetrics(registry);
  const projects = new ProjectDirectory();
  const bucket = await openVersionedBucket(servers.bus, HEARTBEAT_PROJECTS_BUCKET, servers.replicas);
  projects.use(file?.projects ?? [await openGeneratedProject({ ...values, bucket, logger })]);
  const secret = await HeartbeatSecret.open(bucket);
  const externalUrl = externalUrlOf(values, listener.url);
  const checkJson = (check: LoadedCheck): object => {
    const project = projects.get(check.definition.project);
    const options = { isReadonly: false, version: 3, externalUrl, nowMs: Date.now() };
    return project === undefined ? {} : shownCheck(check, { ...options, project });
  };
  const reporting = await scope.acquire("heartbeat-reporting", () =>
    startReporting({
      bus: servers.bus,
      redisUrl: servers.redisUrl,
      clickhouse: servers.clickhouse,
      streamReplicas: servers.replicas,
      retentionMs: values.heartbeatRetentionMs,
      projects,
      externalUrl,
      checkJson,
      telemetry,
      metrics,
      now: Date.now,
    }),
  );
  const core = await scope.acquire("heartbeat-core", () =>
    startHeartbeatCore({
      bus: servers.bus,
      redisUrl: servers.redisUrl,
      streamReplicas: servers.replicas,
      bodyLimitBytes: values.heartbeatBodyLimitBytes,
      listeners: reporting.listeners,
      onCheck: reporting.onCheck,
      telemetry,
      metrics,
      now: Date.now,
    }),
  );
  reporting.begin();
  const apply = async (loaded: LoadedFile | undefined): Promise<void> => {
    await applyFileChecks(loaded?.checks ?? [], { store: core.store, secret, logger, now: Date.now });
    metrics.isFileGood.set(1);
    metrics.fileReadSeconds.set(Date.now() / 1000);
  };
  await apply(file);
  const app = createApp({ telemetry, bodyLimitBytes: MAX_REQUEST_BYTES });
  await app.register(
    heartbeatRoutes(
      {
        store: core.store,
        recorder: core.recorder,
        projects,
        history: reporting.history,
        secret,
        metrics,
        bodyLimitBytes: values.heartbeatBodyLimitBytes,
        maxChecks: values.heartbeatMaxChecks,
        externalUrl,
        now: Date.now,
        probe: async () => void (await bucket.get("status")),
      },
      logger,
    ),
  );
  await listener.mount(app);
  await scope.acquire("heartbeat-api", () => ({ close: (deadline) => listener.drain(deadline) }));
  const { heartbeatMailAddress } = values;
  if (heartbeatMailAddress !== undefined) {
    const context = { store: core.store, recorder: core.recorder, projects, metrics, logger };
    const mail = await scope.acquire("heartbeat-mail", () => MailListener.open(heartbeatMailAddress, context));
    logger.info({ address: `${heartbeatMailAddress.host}:${mail.port}` }, "taking pings by mail");
  }
  const reload = async (): Promise<void> => {
    if (file === undefined) return;
    try {
      const loaded = await readFile(values);
      projects.use(loaded?.projects ?? []);
      await apply(loaded);
    } catch (error) {
      metrics.isFileGood.set(0);
      throw error;
    }
  };
  return { reload };
}

/** Requests other than pings. */
const MAX_REQUEST_BYTES = 1024 * 1024;
