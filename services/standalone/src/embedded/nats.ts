import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";

import { type EmbeddedServer, type EmbeddedServerOptions, startOnPort } from "./embedded-server.ts";
import { findExecutable } from "./find-executable.ts";
import { lineProbe } from "./probe.ts";
import { SupervisedProcess } from "./supervised-process.ts";

export interface EmbeddedNatsOptions extends EmbeddedServerOptions {
  /** The bytes that all streams together may reserve on disk; 64 GiB when not given (streams have their own bounds). */
  readonly maxStoreBytes?: number;
}

const DEFAULT_MAX_STORE_BYTES = 64 * 1024 ** 3;
const MAX_MEMORY_STORE_BYTES = 64 * 1024 ** 2;
const MAX_PAYLOAD_BYTES = 8 * 1024 ** 2;
/** Recovery of a long stream reads its last blocks from disk. */
const START_TIMEOUT_MS = 30_000;

/** Starts nats-server with JetStream on loopback. Since 2.10 every publish is on disk before it is acknowledged. */
export async function startEmbeddedNats(options: EmbeddedNatsOptions): Promise<EmbeddedServer> {
  const server = await findExecutable(["nats-server"], "apt-get install nats-server, or brew install nats-server");
  const dataPath = options.dataPath;
  await mkdir(dataPath, { recursive: true, mode: 0o700 });
  return startOnPort(options.port, async (port) => {
    const configFile = join(dataPath, "nats.conf");
    const config = natsConfig({ ...options, port, version: server.version });
    const supervised = await SupervisedProcess.start({
      ...options,
      name: "nats",
      command: server.path,
      args: ["--config", configFile],
      prepare: async () => writeFile(configFile, config, { mode: 0o600 }),
      probe: lineProbe(port, "", isReadyInfo),
      startTimeoutMs: START_TIMEOUT_MS,
    });
    return {
      url: `nats://127.0.0.1:${port}`,
      port,
      process: supervised,
      close: async (deadline) => supervised.close(deadline),
    };
  });
}

/** The server's configuration file; `sync_interval: always` only where the version knows it (2.10 and later). */
export function natsConfig(settings: {
  readonly dataPath: string;
  readonly port: number;
  readonly version: string;
  readonly maxStoreBytes?: number;
}): string {
  const lines = [
    `server_name: "monotreme"`,
    `listen: "127.0.0.1:${settings.port}"`,
    `max_payload: ${MAX_PAYLOAD_BYTES}`,
    `max_pending: ${8 * MAX_PAYLOAD_BYTES}`,
    "jetstream {",
    `  store_dir: ${JSON.stringify(join(settings.dataPath, "store"))}`,
    `  max_memory_store: ${MAX_MEMORY_STORE_BYTES}`,
    `  max_file_store: ${settings.maxStoreBytes ?? DEFAULT_MAX_STORE_BYTES}`,
    ...(knowsSyncAlways(settings.version) ? ["  sync_interval: always"] : []),
    "}",
    "",
  ];
  return lines.join("\n");
}

function knowsSyncAlways(version: string): boolean {
  const match = /v?(\d+)\.(\d+)\.\d+/.exec(version);
  if (match === null) return false;
  const [major, minor] = [Number(match[1]), Number(match[2])];
  return major > 2 || (major === 2 && minor >= 10);
}

/** The server speaks first: one INFO line with its JSON, in which JetStream must be on. */
function isReadyInfo(answer: string): boolean {
  return answer.startsWith("INFO ") && answer.includes("\r\n") && answer.includes('"jetstream":true');
}
