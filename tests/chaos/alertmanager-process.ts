import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { createTemporaryFolder, startProgram, type TemporaryFolder, type TestProgram } from "@monotreme/testkit";

const MONOTREME_SCRIPT = fileURLToPath(new URL("../../tools/monotreme.mjs", import.meta.url));

export interface PostedTestAlert {
  readonly labels: Readonly<Record<string, string>>;
  readonly annotations?: Readonly<Record<string, string>>;
  readonly startsAt?: string;
  readonly endsAt?: string;
}

export interface AlertmanagerProcessOptions {
  readonly natsUrl: string;
  readonly redisUrl: string;
  /** The text of `alertmanager.yml`. */
  readonly config: string;
  readonly flags?: readonly string[];
}

/** The alertmanager role as a process of its own; `kill` and `start` as often as a test wants. */
export class AlertmanagerProcess {
  readonly #options: AlertmanagerProcessOptions;
  readonly #folder: TemporaryFolder;
  #program: TestProgram | undefined;
  url = "";

  private constructor(options: AlertmanagerProcessOptions, folder: TemporaryFolder) {
    this.#options = options;
    this.#folder = folder;
  }

  static async start(options: AlertmanagerProcessOptions): Promise<AlertmanagerProcess> {
    const one = new AlertmanagerProcess(options, await createTemporaryFolder("alertmanager"));
    await one.writeConfig(options.config);
    await one.restart();
    return one;
  }

  get pid(): number | undefined {
    return this.#program?.pid;
  }

  output(): string {
    return this.#program?.output() ?? "";
  }

  async writeConfig(config: string): Promise<void> {
    await writeFile(join(this.#folder.path, "alertmanager.yml"), config);
  }

  /** Starts it again, on another port. */
  async restart(): Promise<void> {
    const { natsUrl, redisUrl, flags = [] } = this.#options;
    this.#program = await startProgram(
      process.execPath,
      [
        MONOTREME_SCRIPT,
        "alertmanager",
        `--nats.url=${natsUrl}`,
        `--redis.url=${redisUrl}`,
        `--config.file=${join(this.#folder.path, "alertmanager.yml")}`,
        "--web.listen-address=127.0.0.1:0",
        "--log.format=json",
        "--log.level=debug",
        ...flags,
      ],
      { readyPattern: /"msg":"ready"/ },
    );
    this.url = /"address":"(http:[^"]+)"[^\n]*"msg":"ready"/.exec(this.output())?.[1] ?? "";
  }

  async kill(): Promise<void> {
    await this.#program?.stop("SIGKILL");
  }

  /** Ends it in order; resolves to its exit code. */
  async halt(): Promise<number | string | undefined> {
    return this.#program?.stop();
  }

  /** Posts alerts and rejects with the answer unless it is 200. */
  async post(alerts: readonly PostedTestAlert[]): Promise<void> {
    const response = await fetch(`${this.url}/api/v2/alerts`, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify(alerts),
      signal: AbortSignal.timeout(30_000),
    });
    if (response.status !== 200) throw new Error(`${response.status} ${await response.text()}`);
  }

  async get(path: string): Promise<unknown> {
    const response = await fetch(`${this.url}${path}`, { signal: AbortSignal.timeout(30_000) });
    if (response.status !== 200) throw new Error(`${response.status} ${await response.text()}`);
    return response.json();
  }

  /** The value of a sample on `/metrics`, or undefined. */
  async metric(sample: string): Promise<number | undefined> {
    const response = await fetch(`${this.url}/metrics`);
    const line = (await response.text()).split("\n").find((one) => one.startsWith(`${sample} `));
    return line === undefined ? undefined : Number(line.slice(sample.length + 1));
  }

  async stop(): Promise<void> {
    await this.kill();
    await this.#folder.remove();
  }
}
