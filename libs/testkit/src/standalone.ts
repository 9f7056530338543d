import { type ChildProcess, spawn } from "node:child_process";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

import { findFreePort } from "@monotreme/standalone";

import { eventually } from "./eventually.ts";
import { createTemporaryFolder } from "./temporary-folder.ts";

const START_SCRIPT = fileURLToPath(new URL("../../../tools/start.mjs", import.meta.url));
const READY_LINE = /^.*\bready\b.*https?:\/\/.*$/m;
const START_TIMEOUT_MS = 60_000;
const MAX_OUTPUT_LENGTH = 1024 * 1024;

export interface StandaloneOptions {
  /** The text of prometheus.yml, or how to make it of standalone's own `host:port`; without it nothing is scraped. */
  readonly configYaml?: string | ((address: string) => string);
  /** More flags, after those that set the folder, the port and the configuration. */
  readonly args?: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
}

/** The product as users start it, in a process of its own, on a free port with an empty data folder. */
export interface TestStandalone {
  /** `http://127.0.0.1:<port>`; the same over restarts. */
  readonly url: string;
  /** Where its alertmanager listens; another port after a restart. */
  readonly alertmanagerUrl: string;
  /** Where its heartbeats listen; another port after a restart. */
  readonly heartbeatUrl: string;
  readonly pid: number | undefined;
  readonly storagePath: string;
  readonly configFile: string;
  /** What it printed so far on both streams, the last MiB. */
  output(): string;
  /** Sends a signal and does not wait. */
  signal(signal: NodeJS.Signals): void;
  /** Resolves to the exit code, or to the signal's name when one ended it. */
  exited(): Promise<number | string>;
  /** SIGKILL; its data stays. */
  kill(): Promise<void>;
  /** SIGTERM, and resolves to the exit code; its data stays. */
  terminate(): Promise<number | string>;
  /** Starts it again, after `kill` or `terminate`, on its port and data; resolves when it is ready. */
  restart(): Promise<void>;
  /** Ends it when it still runs, and removes its data. */
  stop(): Promise<void>;
}

/** Starts standalone and resolves when it printed its ready line; throws its output when it ends before. */
export async function startStandalone(options: StandaloneOptions = {}): Promise<TestStandalone> {
  const folder = await createTemporaryFolder("standalone");
  const storagePath = join(folder.path, "data");
  const configFile = join(folder.path, "prometheus.yml");
  const port = await findFreePort();
  const { configYaml = "scrape_configs: []\n" } = options;
  await writeFile(configFile, typeof configYaml === "string" ? configYaml : configYaml(`127.0.0.1:${port}`));
  const args = [
    `--storage.path=${storagePath}`,
    `--config.file=${configFile}`,
    `--web.listen-address=127.0.0.1:${port}`,
    "--alertmanager.web.listen-address=127.0.0.1:0",
    "--heartbeat.web.listen-address=127.0.0.1:0",
    ...(options.args ?? []),
  ];
  let run = await launch(args, options.env);
  const end = async (signal: NodeJS.Signals): Promise<number | string> => {
    run.child.kill(signal);
    return run.exited;
  };
  return {
    url: `http://127.0.0.1:${port}`,
    storagePath,
    configFile,
    get pid() {
      return run.child.pid;
    },
    get alertmanagerUrl() {
      return /alertmanager (https?:\S+)$/m.exec(run.output())?.[1] ?? "";
    },
    get heartbeatUrl() {
      return /heartbeats (https?:[^,\s]+)/.exec(run.output())?.[1] ?? "";
    },
    output: () => run.output(),
    signal: (signal) => void run.child.kill(signal),
    exited: async () => run.exited,
    kill: async () => void (await end("SIGKILL")),
    terminate: async () => end("SIGTERM"),
    restart: async () => {
      run = await launch(args, options.env);
    },
    stop: async () => {
      await end("SIGTERM");
      await folder.remove();
    },
  };
}

interface Run {
  readonly child: ChildProcess;
  readonly exited: Promise<number | string>;
  output(): string;
}

async function launch(args: readonly string[], env: Readonly<Record<string, string>> = {}): Promise<Run> {
  const child = spawn(process.execPath, [START_SCRIPT, ...args], {
    stdio: ["ignore", "pipe", "pipe"],
    env: { ...process.env, ...env },
  });
  let output = "";
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding("utf8").on("data", (text: string) => {
      output = (output + text).slice(-MAX_OUTPUT_LENGTH);
    });
  }
  let ended: number | string | undefined;
  const exited = new Promise<number | string>((resolve) => {
    child.once("exit", (code, signal) => {
      ended = code ?? signal ?? "unknown";
      resolve(ended);
    });
  });
  const isSettled = (): boolean => READY_LINE.test(output) || ended !== undefined;
  await eventually(isSettled, { timeoutMs: START_TIMEOUT_MS }).catch(() => child.kill("SIGKILL"));
  if (!READY_LINE.test(output)) throw new Error(`standalone did not become ready (${ended ?? "killed"}):\n${output}`);
  return { child, exited, output: () => output };
}
