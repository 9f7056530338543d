import { readFile } from "node:fs/promises";
import { join } from "node:path";

/** The address, with its password, of the ClickHouse beside a standalone: what a test needs to look at the rows. */
export async function embeddedClickHouseUrl(storagePath: string): Promise<string> {
  const folder = join(storagePath, "clickhouse");
  const [secret, argumentsText] = await Promise.all([
    readFile(join(folder, "secret"), "utf8"),
    readFile(join(folder, "arguments.json"), "utf8"),
  ]);
  const port = /--http_port=(\d+)/.exec(argumentsText)?.[1];
  if (port === undefined) throw new Error("no port in the arguments of clickhouse");
  return `http://monotreme:${secret}@127.0.0.1:${port}`;
}
