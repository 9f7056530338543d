import { mkdir } from "node:fs/promises";
import { connect } from "node:net";

import { findExecutable } from "./find-executable.ts";
import { httpProbe } from "./probe.ts";
import type { ProcessLogger } from "./process-logger.ts";
import { SupervisedProcess } from "./supervised-process.ts";

export interface NodeExporterOptions {
  /** A folder for the note of who runs it; created when missing. */
  readonly dataPath: string;
  readonly host: string;
  readonly port: number;
  readonly logger: ProcessLogger;
  readonly onRestart?: () => void;
}

/** The node exporter at `url`: ours, or the one that was there before and that `close` leaves alone. */
export interface NodeExporter {
  readonly url: string;
  close(deadline: AbortSignal): Promise<void>;
}

const START_TIMEOUT_MS = 10_000;
const CONNECT_TIMEOUT_MS = 1_000;

/**
 * Starts prometheus-node-exporter, so that a first look at Monotreme shows this machine. When something listens on
 * the address already, that is used as it is.
 */
export async function startNodeExporter(options: NodeExporterOptions): Promise<NodeExporter> {
  const { host, port, dataPath, logger } = options;
  const url = `http://${host.includes(":") ? `[${host}]` : host}:${port}`;
  if (await isListening(host, port)) {
    logger.info({ url }, "something listens on the node exporter's address already, using that");
    return { url, close: async () => undefined };
  }
  const server = await findExecutable(
    ["prometheus-node-exporter", "node_exporter"],
    "apt-get install prometheus-node-exporter, or brew install node_exporter",
  );
  await mkdir(dataPath, { recursive: true, mode: 0o700 });
  const supervised = await SupervisedProcess.start({
    ...options,
    name: "node-exporter",
    command: server.path,
    args: [`--web.listen-address=${new URL(url).host}`],
    probe: httpProbe(url),
    startTimeoutMs: START_TIMEOUT_MS,
  });
  return { url, close: async (deadline) => supervised.close(deadline) };
}

async function isListening(host: string, port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect({ host, port, timeout: CONNECT_TIMEOUT_MS });
    const finish = (listening: boolean): void => {
      socket.destroy();
      resolve(listening);
    };
    socket.on("connect", () => finish(true));
    socket.on("timeout", () => finish(false));
    socket.on("error", () => finish(false));
  });
}
