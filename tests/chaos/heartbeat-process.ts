import { join } from "node:path";
import { createTemporaryFolder, type TemporaryFolder } from "@monotreme/testkit";
import { RoleProcess } from "./role-process.ts";

export interface HeartbeatProcessOptions {
  readonly natsUrl: string;
  readonly redisUrl: string;
  readonly flags?: readonly string[];
}

/** The heartbeat role. */
export class HeartbeatProcess extends RoleProcess {
  private constructor({ natsUrl, redisUrl, flags = [] }: HeartbeatProcessOptions, folder: TemporaryFolder) {
    super("heartbeat", folder, [
      `--nats.url=${natsUrl}`,
      `--redis.url=${redisUrl}`,
      `--storage.path=${join(folder.path, "data")}`,
      ...flags,
    ]);
  }

  static async start(options: HeartbeatProcessOptions): Promise<HeartbeatProcess> {
    const one = new HeartbeatProcess(options, await createTemporaryFolder("heartbeat"));
    await one.restart();
    return one;
  }
}
