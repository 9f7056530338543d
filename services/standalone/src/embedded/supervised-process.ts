import { type ChildProcess, spawn } from "node:child_process";
import { setTimeout as sleep } from "node:timers/promises";

import { AppError, messageOf } from "@monotreme/errors";

import { backoffMs } from "./backoff.ts";
import type { Probe } from "./probe.ts";
import type { ProcessLogger } from "./process-logger.ts";
import { ProcessRecordFile } from "./process-record.ts";
import { RecentLines } from "./recent-lines.ts";

/**
 * Runs the server with a companion that holds our end of a pipe: when we die, however it happens, the pipe closes and
 * the companion ends the server. `exec` keeps the server at the process id that we started.
 */
const RUN_WITH_WATCHDOG = [
  "exec 3<&0 </dev/null",
  "( cat <&3 >/dev/null 2>&1; kill -TERM $$ 2>/dev/null ) >/dev/null 2>&1 &",
  "exec 3<&-",
  'exec "$@"',
].join("\n");

const PROBE_INTERVAL_MS = 25;
const HEALTHY_AFTER_MS = 30_000;

export interface SupervisedProcessOptions {
  /** Stands in logs and error messages: `nats`, `redis`, `clickhouse`. */
  readonly name: string;
  readonly command: string;
  readonly args: readonly string[];
  /** The folder that the server writes to; it must exist. */
  readonly dataPath: string;
  /** Writes the server's configuration; called once, when it is certain that no other server uses the folder. */
  readonly prepare?: () => Promise<void>;
  readonly probe: Probe;
  readonly startTimeoutMs: number;
  readonly logger: ProcessLogger;
  /** Called at each restart after a death, before the backoff. */
  readonly onRestart?: () => void;
}

/**
 * A server that runs beside this process: started, watched, and started again with backoff (200 ms to 10 s, reset after
 * 30 s of health) on the same port and data whenever it dies. It ends with this process even when that is killed.
 */
export class SupervisedProcess {
  readonly #options: SupervisedProcessOptions;
  readonly #record: ProcessRecordFile;
  readonly #output = new RecentLines(20);
  readonly #stopping = new AbortController();
  #child: ChildProcess | undefined;
  #exited: Promise<void> = Promise.resolve();
  #restarts = 0;
  #failures = 0;
  #ready = false;
  #supervision: Promise<void> = Promise.resolve();
  #closed: Promise<void> | undefined;

  private constructor(options: SupervisedProcessOptions) {
    this.#options = options;
    this.#record = new ProcessRecordFile(options.dataPath);
  }

  /**
   * Starts the server and resolves when its probe passes. A server that dies or stays silent in this first attempt is
   * an error (`EMBEDDED_START_FAILED`, with its last words), not a reason to try again.
   */
  static async start(options: SupervisedProcessOptions): Promise<SupervisedProcess> {
    const supervised = new SupervisedProcess(options);
    await supervised.#record.claim();
    try {
      await options.prepare?.();
      await supervised.#launch();
    } catch (error) {
      await supervised.kill();
      throw error;
    }
    supervised.#supervision = supervised.#supervise();
    return supervised;
  }

  /** How often the server was started again since it first was ready. */
  get restarts(): number {
    return this.#restarts;
  }

  /** Whether the server answered its probe and has not died since. */
  get isReady(): boolean {
    return this.#ready;
  }

  /** The process id of the running server, undefined between death and restart. */
  get pid(): number | undefined {
    return this.#child?.pid;
  }

  /** Ends the server in order, by force once `deadline` aborts. Idempotent; resolves when the process is gone. */
  async close(deadline: AbortSignal): Promise<void> {
    this.#closed ??= this.#close(deadline);
    return this.#closed;
  }

  /** Kills the server at once (SIGKILL) and leaves it down: what a crash test needs. */
  async kill(): Promise<void> {
    return this.close(AbortSignal.abort());
  }

  async #close(deadline: AbortSignal): Promise<void> {
    this.#stopping.abort();
    const force = (): void => {
      this.#child?.kill("SIGKILL");
    };
    if (deadline.aborted) force();
    else this.#child?.kill("SIGTERM");
    deadline.addEventListener("abort", force, { once: true });
    await this.#supervision;
    await this.#exited;
    deadline.removeEventListener("abort", force);
    await this.#record.remove();
  }

  async #supervise(): Promise<void> {
    let healthySinceMs = Date.now();
    while (!this.#stopping.signal.aborted) {
      await this.#exited;
      this.#ready = false;
      if (this.#stopping.signal.aborted) return;
      if (Date.now() - healthySinceMs > HEALTHY_AFTER_MS) this.#failures = 0;
      this.#restarts += 1;
      this.#options.onRestart?.();
      const delayMs = backoffMs(this.#failures++);
      const { name, logger } = this.#options;
      logger.warn(
        { server: name, delayMs, lastLines: this.#output.lines() },
        "embedded server died, starting it again",
      );
      await this.#launchAfter(delayMs);
      healthySinceMs = Date.now();
    }
  }

  async #launchAfter(delayMs: number): Promise<void> {
    const { name, logger } = this.#options;
    try {
      await sleep(delayMs, undefined, { signal: this.#stopping.signal });
      await this.#launch();
      logger.info({ server: name, pid: this.pid, restarts: this.#restarts }, "embedded server is back");
    } catch (error) {
      // A server that does not come up counts as dead, so that the next round tries again.
      this.#child?.kill("SIGKILL");
      if (!this.#stopping.signal.aborted) logger.error({ server: name, err: error }, "embedded server did not start");
    }
  }

  async #launch(): Promise<void> {
    if (this.#stopping.signal.aborted) throw this.#startError("was stopped before it was started");
    const child = this.#spawn();
    if (child.pid !== undefined) await this.#record.write(child.pid);
    const { name, startTimeoutMs, probe, logger } = this.#options;
    const startedMs = Date.now();
    while (Date.now() - startedMs < startTimeoutMs) {
      if (this.#child !== child) throw this.#startError("ended before it was ready");
      if (this.#stopping.signal.aborted) throw this.#startError("was stopped before it was ready");
      // The second look: a server that answers but is not ours (ours is dead) must not pass for ours.
      if ((await probe()) && this.#child === child) {
        this.#ready = true;
        logger.debug({ server: name, pid: child.pid, startedInMs: Date.now() - startedMs }, "embedded server is ready");
        return;
      }
      await sleep(PROBE_INTERVAL_MS);
    }
    throw this.#startError(`did not answer within ${startTimeoutMs} ms`);
  }

  #spawn(): ChildProcess {
    const { name, command, args } = this.#options;
    // A session of its own: Ctrl-C in a terminal must reach us alone, because the servers have to stop last.
    const child = spawn("/bin/sh", ["-c", RUN_WITH_WATCHDOG, name, command, ...args], {
      detached: true,
      stdio: ["pipe", "pipe", "pipe"],
    });
    this.#child = child;
    this.#exited = new Promise((resolve) => {
      const settle = (): void => {
        if (this.#child === child) this.#child = undefined;
        resolve();
      };
      child.once("exit", settle);
      child.once("error", (error) => {
        this.#output.add(messageOf(error));
        settle();
      });
    });
    child.stdin.on("error", () => undefined); // the pipe only ever closes; its end is told by "exit"
    for (const stream of [child.stdout, child.stderr]) {
      stream.setEncoding("utf8").on("data", (text: string) => this.#output.add(text));
    }
    return child;
  }

  #startError(what: string): AppError {
    const words = this.#output.lines().join("\n");
    return new AppError(
      "EMBEDDED_START_FAILED",
      "unavailable",
      `the embedded ${this.#options.name} ${what}${words === "" ? "" : `; its last words:\n${words}`}`,
    );
  }
}
