import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { createTemporaryFolder, type TemporaryFolder } from "@monotreme/testkit";
import { RoleProcess } from "./role-process.ts";

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

/** The alertmanager role, and what tests ask of it. */
export class AlertmanagerProcess extends RoleProcess {
  private constructor({ natsUrl, redisUrl, flags = [] }: AlertmanagerProcessOptions, folder: TemporaryFolder) {
    super("alertmanager", folder, [
      `--nats.url=${natsUrl}`,
      `--redis.url=${redisUrl}`,
      `--config.file=${configFileIn(folder)}`,
      "--log.level=debug",
      ...flags,
    ]);
  }

  static async start(options: AlertmanagerProcessOptions): Promise<AlertmanagerProcess> {
    const one = new AlertmanagerProcess(options, await createTemporaryFolder("alertmanager"));
    await one.writeConfig(options.config);
    await one.restart();
    return one;
  }

  async writeConfig(config: string): Promise<void> {
    await writeFile(configFileIn(this.folder), config);
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
}

function configFileIn(folder: TemporaryFolder): string {
  return join(folder.path, "alertmanager.yml");
}
