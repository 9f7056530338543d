import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { AppError } from "@monotreme/errors";

export interface ServerUrls {
  readonly clickhouseUrl: string;
  readonly natsUrl: string;
}

export interface GivenUrls {
  readonly clickhouseUrl?: string | undefined;
  readonly natsUrl?: string | undefined;
  readonly storagePath: string;
}

/** The addresses that were given, or those of the servers beside the standalone that runs on the data folder. */
export async function resolveServerUrls({ clickhouseUrl, natsUrl, storagePath }: GivenUrls): Promise<ServerUrls> {
  return {
    clickhouseUrl: clickhouseUrl ?? (await embeddedClickHouse(storagePath)),
    natsUrl: natsUrl ?? (await embeddedNats(storagePath)),
  };
}

async function embeddedClickHouse(storagePath: string): Promise<string> {
  const folder = join(storagePath, "clickhouse");
  const secret = await readNote(join(folder, "secret"), storagePath, "clickhouse.url");
  const argumentsText = await readNote(join(folder, "arguments.json"), storagePath, "clickhouse.url");
  const port = /--http_port=(\d+)/.exec(argumentsText)?.[1];
  if (port === undefined) throw notFound(storagePath, "clickhouse.url");
  return `http://monotreme:${encodeURIComponent(secret.trim())}@127.0.0.1:${port}`;
}

async function embeddedNats(storagePath: string): Promise<string> {
  const config = await readNote(join(storagePath, "nats", "nats.conf"), storagePath, "nats.url");
  const port = /^listen: "127\.0\.0\.1:(\d+)"$/m.exec(config)?.[1];
  if (port === undefined) throw notFound(storagePath, "nats.url");
  return `nats://127.0.0.1:${port}`;
}

async function readNote(path: string, storagePath: string, flagName: string): Promise<string> {
  try {
    return await readFile(path, "utf8");
  } catch {
    throw notFound(storagePath, flagName);
  }
}

function notFound(storagePath: string, flagName: string): AppError {
  return new AppError(
    "BLOCKS_SERVER_UNKNOWN",
    "invalid",
    `no standalone with servers of its own has run on ${storagePath}: name its folder by --storage.path, or give --${flagName}`,
  );
}
