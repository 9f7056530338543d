import { type ChildProcess, spawn } from "node:child_process";

import { eventually } from "./eventually.ts";

const MAX_OUTPUT_LENGTH = 1024 * 1024;

export interface ProgramOptions {
  /** The program counts as started once its output matches; without it, at once. */
  readonly readyPattern?: RegExp;
  /** 30 s when not given. */
  readonly startTimeoutMs?: number;
  readonly cwd?: string;
  /** Variables beside those of this process. */
  readonly env?: Readonly<Record<string, string>>;
}

/** A program that a test runs beside the product: an exporter, an agent, one of our own roles. */
export interface TestProgram {
  readonly pid: number | undefined;
  /** What it printed so far on both streams, the last MiB. */
  output(): string;
  /** Resolves to the exit code, or to the signal's name when one ended it. */
  exited(): Promise<number | string>;
  /** Sends the signal (SIGTERM when not given) and resolves when the program is gone. */
  stop(signal?: NodeJS.Signals): Promise<number | string>;
}

/** Starts a program and resolves when it is ready; throws its output when it ends or stays silent before. */
export async function startProgram(
  command: string,
  args: readonly string[],
  options: ProgramOptions = {},
): Promise<TestProgram> {
  const { readyPattern, startTimeoutMs = 30_000, cwd, env } = options;
  const child = spawn(command, args, {
    stdio: ["ignore", "pipe", "pipe"],
    env: { ...process.env, ...env },
    ...(cwd === undefined ? {} : { cwd }),
  });
  let output = "";
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding("utf8").on("data", (text: string) => {
      output = (output + text).slice(-MAX_OUTPUT_LENGTH);
    });
  }
  let ended: number | string | undefined;
  const exited = endOf(child).then((how) => (ended = how));
  const isReady = (): boolean => readyPattern === undefined || readyPattern.test(output);
  await eventually(() => isReady() || ended !== undefined, { timeoutMs: startTimeoutMs }).catch(() => undefined);
  if (!isReady()) {
    child.kill("SIGKILL");
    throw new Error(`${command} did not become ready (${ended ?? "killed"}):\n${output}`);
  }
  return {
    pid: child.pid,
    output: () => output,
    exited: async () => exited,
    stop: async (signal = "SIGTERM") => {
      child.kill(signal);
      return exited;
    },
  };
}

async function endOf(child: ChildProcess): Promise<number | string> {
  return new Promise((resolve) => {
    // Not "exit": the last words may come after it.
    child.once("close", (code, signal) => resolve(code ?? signal ?? "unknown"));
    child.once("error", (error) => resolve(error.message));
  });
}
