import { mkdir, writeFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

import { AppError } from "@monotreme/errors";
import type { Tiers } from "@monotreme/retention";

import { clickHouseConfig, clickHouseUsers } from "./clickhouse-config.ts";
import { type EmbeddedServer, type EmbeddedServerOptions, startOnPort } from "./embedded-server.ts";
import { localSecret } from "./local-secret.ts";
import { httpProbe } from "./probe.ts";
import { SupervisedProcess } from "./supervised-process.ts";

export interface EmbeddedClickHouseOptions extends EmbeddedServerOptions {
  /** The most memory that ClickHouse takes; half of the machine's when not given. */
  readonly maxMemoryBytes?: number;
  /** Where old parts may go. */
  readonly tiers?: Tiers | undefined;
}

/** Loading many parts takes a while; the library itself is up in about 0.4 s. */
const START_TIMEOUT_MS = 60_000;

/**
 * clickhouse-local ends when its queries have: the first opens the HTTP server, the second never ends and costs
 * nothing (one thread that sleeps).
 */
const QUERIES = [
  "SYSTEM START LISTEN HTTP",
  "SELECT sleepEachRow(3) FROM system.numbers FORMAT Null SETTINGS max_block_size = 1, max_execution_time = 0",
];

/** V8 has nothing to do here: small heaps and one thread keep the process to ClickHouse's own memory. */
const NODE_FLAGS = ["--max-old-space-size=32", "--max-semi-space-size=1", "--v8-pool-size=0", "--single-threaded-gc"];

/** Starts ClickHouse's own HTTP server out of the shared library that npm ships, in a process of its own. */
export async function startEmbeddedClickHouse(options: EmbeddedClickHouseOptions): Promise<EmbeddedServer> {
  const libraryPath = findLibrary();
  const { dataPath } = options;
  await mkdir(dataPath, { recursive: true, mode: 0o700 });
  const password = await localSecret(dataPath);
  return startOnPort(options.port, async (port) => {
    const argumentsFile = join(dataPath, "arguments.json");
    const supervised = await SupervisedProcess.start({
      ...options,
      name: "clickhouse",
      command: process.execPath,
      args: [...NODE_FLAGS, processEntry(), libraryPath, argumentsFile],
      prepare: async () => writeConfiguration({ ...options, port, password, argumentsFile }),
      probe: httpProbe(`http://127.0.0.1:${port}/ping`),
      startTimeoutMs: START_TIMEOUT_MS,
    });
    return {
      url: `http://monotreme:${password}@127.0.0.1:${port}`,
      port,
      process: supervised,
      close: async (deadline) => supervised.close(deadline),
    };
  });
}

async function writeConfiguration(settings: {
  readonly dataPath: string;
  readonly port: number;
  readonly password: string;
  readonly argumentsFile: string;
  readonly maxMemoryBytes?: number;
  readonly tiers?: Tiers | undefined;
}): Promise<void> {
  const { dataPath, port, password, argumentsFile, tiers } = settings;
  for (const { place } of tiers?.volumes ?? []) {
    if ("path" in place) await mkdir(place.path, { recursive: true, mode: 0o700 });
  }
  const usersFile = join(dataPath, "users.xml");
  const configFile = join(dataPath, "config.xml");
  const storePath = join(dataPath, "store");
  await writeFile(usersFile, clickHouseUsers(password), { mode: 0o600 });
  await writeFile(configFile, clickHouseConfig({ ...settings, usersFile }), { mode: 0o600 });
  await writeFile(argumentsFile, JSON.stringify(clickHouseArguments({ storePath, port, configFile })));
}

function clickHouseArguments(settings: {
  readonly storePath: string;
  readonly port: number;
  readonly configFile: string;
}): readonly string[] {
  return [
    "clickhouse",
    `--path=${settings.storePath}`,
    `--http_port=${settings.port}`,
    "--listen_host=127.0.0.1",
    `--config-file=${settings.configFile}`,
    ...QUERIES.flatMap((query) => ["--query", query]),
  ];
}

/** Beside this file in the sources, beside the bundle in dist/. */
function processEntry(): string {
  return fileURLToPath(new URL("./clickhouse-process.mjs", import.meta.url));
}

function findLibrary(): string {
  const platform = process.platform === "linux" ? `linux-${process.arch}-gnu` : `${process.platform}-${process.arch}`;
  try {
    const manifest = createRequire(import.meta.url).resolve(`@chdb/lib-${platform}/package.json`);
    return join(dirname(manifest), "libchdb.so");
  } catch (error) {
    throw new AppError(
      "EMBEDDED_CLICKHOUSE_UNSUPPORTED",
      "invalid",
      `there is no embedded ClickHouse for ${platform} (npm package @chdb/lib-${platform}): name a server with --clickhouse.url`,
      { cause: error },
    );
  }
}
