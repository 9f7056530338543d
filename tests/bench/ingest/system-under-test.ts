import { type ChildProcess, execFileSync, spawn } from "node:child_process";
import { createWriteStream } from "node:fs";
import { mkdir, writeFile } from "node:fs/promises";
import { createServer } from "node:net";
import { join } from "node:path";
import type { OursOptions } from "./bench-options.ts";

/** A server that takes remote write and answers Prometheus' API at one address, with the root of its processes. */
export interface SystemUnderTest {
  readonly url: string;
  readonly rootPid: number;
  readonly version: string;
  stop(): Promise<void>;
}

const READY_TIMEOUT_MS = 120_000;
const STOP_TIMEOUT_MS = 20_000;

/** Starts one of the systems in a directory, empty or with its data; undefined where it is not installed. */
export async function startSystem(
  name: string,
  directory: string,
  options: OursOptions,
): Promise<SystemUnderTest | undefined> {
  await mkdir(directory, { recursive: true });
  if (name === "ours" && options.oursUrl !== undefined) {
    return { url: options.oursUrl, rootPid: options.oursPid ?? 0, version: "given", stop: async () => undefined };
  }
  const port = await freePort();
  const url = `http://127.0.0.1:${port}`;
  const config = join(directory, "prometheus.yml");
  await writeFile(config, "global: {scrape_interval: 1m}\n");
  if (name === "ours") {
    const [command = "", ...args] = options.oursCommand
      .split(" ")
      .map((part) => part.replace("{port}", String(port)).replace("{dir}", directory).replace("{config}", config));
    const commit = outputOf("git", ["rev-parse", "--short", "HEAD"]) ?? "unknown commit";
    return spawnSystem({ command, args, url, readyPath: "/-/ready", version: commit.trim(), directory });
  }
  const version = versionOf(name);
  if (version === undefined) return undefined;
  if (name === "prometheus") {
    const args = [
      `--config.file=${config}`,
      `--storage.tsdb.path=${join(directory, "data")}`,
      `--web.listen-address=127.0.0.1:${port}`,
      "--web.enable-remote-write-receiver",
      "--web.enable-admin-api",
    ];
    return spawnSystem({ command: name, args, url, readyPath: "/-/ready", version, directory });
  }
  const args = [
    `-storageDataPath=${join(directory, "data")}`,
    `-httpListenAddr=127.0.0.1:${port}`,
    // It hides the newest 30 s by default; then no delay could be measured.
    "-search.latencyOffset=0s",
  ];
  return spawnSystem({ command: name, args, url, readyPath: "/health", version, directory });
}

interface SpawnOptions {
  readonly command: string;
  readonly args: readonly string[];
  readonly url: string;
  readonly readyPath: string;
  readonly version: string;
  readonly directory: string;
}

async function spawnSystem(options: SpawnOptions): Promise<SystemUnderTest> {
  const { url, version, directory } = options;
  const logPath = join(directory, "output.log");
  const log = createWriteStream(logPath);
  // A session of its own: everything that it starts is found and stopped with it.
  const child = spawn(options.command, options.args, { detached: true, stdio: ["ignore", "pipe", "pipe"] });
  child.stdout.pipe(log, { end: false });
  child.stderr.pipe(log, { end: false });
  const exited = new Promise<void>((resolve) => child.once("exit", () => resolve()));
  const stop = async (): Promise<void> => {
    signalGroup(child, "SIGTERM");
    await Promise.race([exited, pause(STOP_TIMEOUT_MS)]);
    signalGroup(child, "SIGKILL");
    log.end();
  };
  const deadline = Date.now() + READY_TIMEOUT_MS;
  while (!(await isReady(`${url}${options.readyPath}`))) {
    if (child.exitCode !== null || Date.now() > deadline) {
      await stop();
      throw new Error(`${options.command} did not get ready; its output is in ${logPath}`);
    }
    await pause(100);
  }
  return { url, version, rootPid: child.pid ?? 0, stop };
}

async function isReady(url: string): Promise<boolean> {
  try {
    return (await fetch(url, { signal: AbortSignal.timeout(1000) })).ok;
  } catch {
    return false;
  }
}

function signalGroup(child: ChildProcess, signal: NodeJS.Signals): void {
  try {
    if (child.pid !== undefined) process.kill(-child.pid, signal);
  } catch {
    // The group has ended already.
  }
}

function versionOf(name: string): string | undefined {
  const packageVersion = outputOf("dpkg-query", ["-W", "-f=${Version}", name]);
  return packageVersion ?? /version ([\w.+-]+)/.exec(outputOf(name, ["--version"]) ?? "")?.[1];
}

function outputOf(command: string, args: readonly string[]): string | undefined {
  try {
    return execFileSync(command, args, { encoding: "utf8", stdio: ["ignore", "pipe", "ignore"] });
  } catch {
    return undefined;
  }
}

async function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once("error", reject);
    server.listen(0, "127.0.0.1", () => {
      const address = server.address();
      const port = typeof address === "object" && address !== null ? address.port : 0;
      server.close(() => resolve(port));
    });
  });
}

export async function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
