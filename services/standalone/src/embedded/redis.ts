import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";

import { type EmbeddedServer, type EmbeddedServerOptions, startOnPort } from "./embedded-server.ts";
import { findExecutable } from "./find-executable.ts";
import { localSecret } from "./local-secret.ts";
import { lineProbe } from "./probe.ts";
import { SupervisedProcess } from "./supervised-process.ts";

export interface EmbeddedRedisOptions extends EmbeddedServerOptions {
  /** Redis refuses writes beyond this; 256 MiB when not given. */
  readonly maxMemoryBytes?: number;
}

const DEFAULT_MAX_MEMORY_BYTES = 256 * 1024 ** 2;
const START_TIMEOUT_MS = 30_000;

/** Starts redis-server (or valkey-server) on loopback with a password of its own and an append-only file. */
export async function startEmbeddedRedis(options: EmbeddedRedisOptions): Promise<EmbeddedServer> {
  const server = await findExecutable(
    ["redis-server", "valkey-server"],
    "apt-get install redis-server, or brew install redis",
  );
  const { dataPath, maxMemoryBytes = DEFAULT_MAX_MEMORY_BYTES } = options;
  await mkdir(dataPath, { recursive: true, mode: 0o700 });
  const password = await localSecret(dataPath);
  return startOnPort(options.port, async (port) => {
    const configFile = join(dataPath, "redis.conf");
    const config = redisConfig({ dataPath, port, password, maxMemoryBytes });
    const supervised = await SupervisedProcess.start({
      ...options,
      name: "redis",
      command: server.path,
      args: [configFile],
      prepare: async () => writeFile(configFile, config, { mode: 0o600 }),
      // While it loads its file it answers -LOADING instead of +PONG.
      probe: lineProbe(port, `AUTH ${password}\r\nPING\r\n`, (answer) => answer.includes("+PONG\r\n")),
      startTimeoutMs: START_TIMEOUT_MS,
    });
    return {
      url: `redis://:${password}@127.0.0.1:${port}`,
      port,
      process: supervised,
      close: async (deadline) => supervised.close(deadline),
    };
  });
}

/** The server's configuration file: append-only with a sync each second, and no eviction, which BullMQ demands. */
export function redisConfig(settings: {
  readonly dataPath: string;
  readonly port: number;
  readonly password: string;
  readonly maxMemoryBytes: number;
}): string {
  return [
    "bind 127.0.0.1",
    `port ${settings.port}`,
    `requirepass ${settings.password}`,
    "daemonize no",
    `dir ${JSON.stringify(settings.dataPath)}`,
    "appendonly yes",
    "appendfsync everysec",
    'save ""',
    `maxmemory ${settings.maxMemoryBytes}`,
    "maxmemory-policy noeviction",
    "",
  ].join("\n");
}
