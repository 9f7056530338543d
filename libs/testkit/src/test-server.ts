import {
  type EmbeddedServer,
  type EmbeddedServerOptions,
  type ProcessLogger,
  startEmbeddedClickHouse,
  startEmbeddedNats,
  startEmbeddedRedis,
} from "@monotreme/standalone";

import { createTemporaryFolder } from "./temporary-folder.ts";

const CLOSE_TIMEOUT_MS = 5_000;

/** A real server for tests. It stays down after `stop` or `kill`, until `restart`: same port, same data. */
export interface TestServer {
  /** With credentials where the server has them; the same over every `restart`. */
  readonly url: string;
  readonly port: number;
  readonly pid: number | undefined;
  /** Ends it in order and keeps its data. */
  halt(): Promise<void>;
  /** SIGKILL; keeps its data. */
  kill(): Promise<void>;
  /** Starts it again on its port and data. */
  restart(): Promise<void>;
  /** Ends it and removes its data; idempotent. */
  stop(): Promise<void>;
}

/** Starts nats-server with JetStream on a free port with an empty store. */
export async function startNats(): Promise<TestServer> {
  return startTestServer("nats", startEmbeddedNats);
}

/** Starts redis-server on a free port with an empty store. */
export async function startRedis(): Promise<TestServer> {
  return startTestServer("redis", startEmbeddedRedis);
}

/** Starts the embedded ClickHouse on a free port with an empty store; about half a second, so share it in a file. */
export async function startClickHouse(): Promise<TestServer> {
  return startTestServer("clickhouse", startEmbeddedClickHouse);
}

const SILENT: ProcessLogger = {
  debug: () => undefined,
  info: () => undefined,
  warn: () => undefined,
  error: () => undefined,
};

async function startTestServer(
  name: string,
  start: (options: EmbeddedServerOptions) => Promise<EmbeddedServer>,
): Promise<TestServer> {
  const folder = await createTemporaryFolder(name);
  let server = await start({ dataPath: folder.path, logger: SILENT });
  const { port } = server;
  const halt = async (): Promise<void> => server.close(AbortSignal.timeout(CLOSE_TIMEOUT_MS));
  return {
    url: server.url,
    port,
    get pid() {
      return server.process.pid;
    },
    halt,
    kill: async () => server.process.kill(),
    restart: async () => {
      await halt();
      server = await start({ dataPath: folder.path, port, logger: SILENT });
    },
    stop: async () => {
      await halt();
      await folder.remove();
    },
  };
}
