import type { BucketEntry, VersionedBucket } from "@monotreme/bus";
import { decodePingRecord, type PingRecord } from "@monotreme/contracts";
import { createApp, type FastifyInstance } from "@monotreme/http";
import { createSilentLogger, Registry } from "@monotreme/telemetry";
import { CheckStore, type LoadedCheck } from "./checks/check-store.ts";
import type { FlipRecord } from "./history/flip-record.ts";
import type { FlipRange, HistoryReader, LoggedPing } from "./history/history-reader.ts";
import type { RecordMessage } from "./history/record-sender.ts";
import { createHeartbeatMetrics } from "./metrics.ts";
import { PingRecorder } from "./pings/ping-recorder.ts";
import type { ChannelConfig } from "./projects/channel-config.ts";
import { createProject } from "./projects/create-project.ts";
import { HeartbeatSecret } from "./projects/heartbeat-secret.ts";
import { ProjectDirectory } from "./projects/project-directory.ts";
import type { HeartbeatContext } from "./routes/heartbeat-context.ts";
import { heartbeatRoutes } from "./routes/heartbeat-routes.ts";

/** Values by compare-and-set, in memory. */
export class MemoryBucket implements VersionedBucket {
  readonly #entries = new Map<string, BucketEntry>();
  readonly #followers: ((entry: BucketEntry) => void)[] = [];
  #revision = 0;

  async follow(onEntry: (entry: BucketEntry) => void): Promise<void> {
    this.#followers.push(onEntry);
    for (const entry of this.#entries.values()) onEntry(entry);
  }

  async put(key: string, value: Uint8Array, lastRevision: number): Promise<number | undefined> {
    if ((this.#entries.get(key)?.revision ?? 0) !== lastRevision) return undefined;
    return this.#set(key, value);
  }

  async get(key: string): Promise<BucketEntry | undefined> {
    return this.#entries.get(key);
  }

  async remove(key: string): Promise<void> {
    this.#set(key, undefined);
  }

  async close(): Promise<void> {
    this.#followers.length = 0;
  }

  #set(key: string, value: Uint8Array | undefined): number {
    this.#revision++;
    const entry = { key, value, revision: this.#revision };
    this.#entries.set(key, entry);
    for (const follower of this.#followers) follower(entry);
    return this.#revision;
  }
}

/** What the recorder published, read back. */
class MemoryHistory implements HistoryReader {
  readonly records: PingRecord[] = [];
  readonly flipRecords: FlipRecord[] = [];

  async pings(checkId: string, limit: number): Promise<readonly LoggedPing[]> {
    const own = this.records.filter((record) => record.checkId === checkId).toReversed();
    return own.slice(0, limit).map(({ body, ...ping }) => ({ ...ping, bodyBytes: body.length }));
  }

  async body(checkId: string, number: number): Promise<Uint8Array | undefined> {
    return this.records.find((record) => record.checkId === checkId && record.number === number)?.body;
  }

  async flips(checkId: string, { fromMs, toMs }: FlipRange): Promise<readonly FlipRecord[]> {
    return this.flipRecords
      .filter((flip) => flip.checkId === checkId && flip.atMs >= fromMs && flip.atMs <= toMs)
      .toReversed();
  }
}

export const KEYS = {
  pingKey: "ping-key-of-ours",
  apiKey: `hcw_${"w".repeat(28)}`,
  readonlyApiKey: `hcr_${"r".repeat(28)}`,
};
export const OTHER_KEYS = { pingKey: "ping-key-of-others", apiKey: `hcw_${"o".repeat(28)}`, readonlyApiKey: undefined };
export const PROJECT_ID = "11111111-1111-4111-8111-111111111111";
export const START_MS = Date.parse("2026-03-02T10:00:00.500Z");

const CHANNEL: ChannelConfig = {
  kind: "webhook",
  id: "22222222-2222-4222-8222-222222222222",
  name: "hook",
  isToldDown: true,
  isToldUp: true,
  repeatMs: undefined,
  down: undefined,
  up: undefined,
};

export interface FixtureAnswer {
  readonly status: number;
  readonly text: string;
  readonly headers: Readonly<Record<string, unknown>>;
  /** Of JSON. */
  readonly value: unknown;
}

interface FixtureRequest {
  readonly method?: "GET" | "HEAD" | "POST" | "PUT" | "DELETE" | "OPTIONS";
  readonly key?: string;
  readonly body?: string | Uint8Array | object;
  readonly headers?: Readonly<Record<string, string>>;
}

/** All routes over a bucket in memory and a clock that stands still; two projects. */
export class HeartbeatFixture {
  readonly history = new MemoryHistory();
  readonly store: CheckStore;
  readonly projects = new ProjectDirectory();
  nowMs = START_MS;
  #app: FastifyInstance | undefined;

  constructor() {
    this.store = new CheckStore({
      bucket: new MemoryBucket(),
      logger: createSilentLogger(),
      onChange: () => undefined,
    });
  }

  async open(options: Partial<HeartbeatContext> = {}): Promise<this> {
    const telemetry = { logger: createSilentLogger(), registry: new Registry() };
    const metrics = createHeartbeatMetrics(telemetry.registry);
    const now = (): number => this.nowMs;
    const common = { origin: "file", channels: [] } as const;
    this.projects.use([
      createProject({ ...common, ...KEYS, id: PROJECT_ID, name: "ours", channels: [CHANNEL] }),
      createProject({ ...common, ...OTHER_KEYS, id: PROJECT_ID.replaceAll("1", "3"), name: "others" }),
    ]);
    const { store, projects, history } = this;
    await store.start();
    const keep = async ({ data }: RecordMessage): Promise<void> => {
      history.records.push(decodePingRecord(data));
    };
    const recorder = new PingRecorder({
      store,
      metrics,
      now,
      bodyLimitBytes: 100,
      sender: { send: keep, sendAlone: keep },
    });
    const secret = await HeartbeatSecret.open(new MemoryBucket());
    const app = createApp({ telemetry, bodyLimitBytes: 20_000 });
    await app.register(
      heartbeatRoutes(
        {
          store,
          recorder,
          projects,
          history,
          secret,
          metrics,
          bodyLimitBytes: 100,
          maxChecks: 10,
          externalUrl: "https://beat.example.org",
          now,
          probe: async () => undefined,
          ...options,
        },
        telemetry.logger,
      ),
    );
    this.#app = app;
    return this;
  }

  async ask(url: string, { method, key, body, headers = {} }: FixtureRequest = {}): Promise<FixtureAnswer> {
    if (this.#app === undefined) throw new Error("open the fixture first");
    const payload = typeof body === "object" && !(body instanceof Uint8Array) ? JSON.stringify(body) : body;
    const response = await this.#app.inject({
      method: method ?? (body === undefined ? "GET" : "POST"),
      url,
      headers: { ...headers, ...(key === undefined ? {} : { "x-api-key": key }) },
      ...(payload === undefined ? {} : { payload: Buffer.from(payload) }),
    });
    const isJson = String(response.headers["content-type"]).startsWith("application/json");
    const text = response.body;
    const value: unknown = isJson && text !== "" ? JSON.parse(text) : undefined;
    return { status: response.statusCode, text, headers: response.headers, value };
  }

  /** Makes a check by the API. */
  async create(body: object): Promise<LoadedCheck> {
    const { status, value, text } = await this.ask("/api/v3/checks/", { key: KEYS.apiKey, body });
    const id = typeof value === "object" && value !== null && "uuid" in value ? String(value.uuid) : "";
    const check = this.store.get(id);
    if (status !== 201 || check === undefined) throw new Error(`not created: ${status} ${text}`);
    return check;
  }
}
