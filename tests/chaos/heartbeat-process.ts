import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { createTemporaryFolder, startProgram, type TemporaryFolder, type TestProgram } from "@monotreme/testkit";

const MONOTREME_SCRIPT = fileURLToPath(new URL("../../tools/monotreme.mjs", import.meta.url));

export interface HeartbeatProcessOptions {
  readonly natsUrl: string;
  readonly redisUrl: string;
  readonly flags?: readonly string[];
}

/** The heartbeat role as a process of its own; `kill` and `restart` as often as a test wants. */
export class HeartbeatProcess {
  readonly #options: HeartbeatProcessOptions;
  readonly #folder: TemporaryFolder;
  #program: TestProgram | undefined;
  url = "";

  private constructor(options: HeartbeatProcessOptions, folder: TemporaryFolder) {
    this.#options = options;
    this.#folder = folder;
  }

  static async start(options: HeartbeatProcessOptions): Promise<HeartbeatProcess> {
    const one = new HeartbeatProcess(options, await createTemporaryFolder("heartbeat"));
    await one.restart();
    return one;
  }

  get pid(): number | undefined {
    return this.#program?.pid;
  }

  output(): string {
    return this.#program?.output() ?? "";
  }

  /** Starts it again, on another port. */
  async restart(): Promise<void> {
    const { natsUrl, redisUrl, flags = [] } = this.#options;
    this.#program = await startProgram(
      process.execPath,
      [
        MONOTREME_SCRIPT,
        "heartbeat",
        `--nats.url=${natsUrl}`,
        `--redis.url=${redisUrl}`,
        `--storage.path=${join(this.#folder.path, "data")}`,
        "--web.listen-address=127.0.0.1:0",
        "--log.format=json",
        ...flags,
      ],
      { readyPattern: /"msg":"ready"/, startTimeoutMs: 60_000 },
    );
    this.url = /"address":"(http:[^"]+)"[^\n]*"msg":"ready"/.exec(this.output())?.[1] ?? "";
  }

  async kill(): Promise<void> {
    await this.#program?.stop("SIGKILL");
  }

  async stop(): Promise<void> {
    await this.kill();
    await this.#folder.remove();
  }
}
