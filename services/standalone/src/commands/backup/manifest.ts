import { createHash } from "node:crypto";
import { createReadStream } from "node:fs";
import { readdir, readFile, readlink, stat } from "node:fs/promises";
import { isAbsolute, join, relative } from "node:path";
import { messageOf } from "@monotreme/errors";
import { z } from "zod";
import { BackupError } from "./backup-error.ts";

export const MANIFEST_NAME = "monotreme-backup.json";
export const DATA_NAME = "data";

const manifestSchema = z.object({
  format: z.literal(1),
  version: z.string(),
  createdAt: z.string(),
  /** Path in the folder → bytes and SHA-256. */
  files: z.record(z.string(), z.object({ bytes: z.number(), sha256: z.string(), mode: z.number() })),
  /** Path in the folder → where it points; inside of the data folder from its root, with a leading `./`. */
  links: z.record(z.string(), z.string()),
  folders: z.array(z.string()),
});

/** What is in a backup. */
export type Manifest = z.infer<typeof manifestSchema>;

/** Reads what a backup says of itself; throws where it is none, or one that was not finished. */
export async function readManifest(folder: string): Promise<Manifest> {
  const path = join(folder, MANIFEST_NAME);
  try {
    return manifestSchema.parse(JSON.parse(await readFile(path, "utf8")));
  } catch (error) {
    throw new BackupError(`${folder} holds no finished backup: ${path}: ${messageOf(error)}`, error);
  }
}

/** Everything in a folder, by paths from its root. */
export interface FolderEntries {
  readonly files: readonly string[];
  readonly folders: readonly string[];
  /** Path and where it points, as {@link Manifest} has it. */
  readonly links: readonly (readonly [string, string])[];
}

/** Lists a folder; sockets and the like are left out, and files of the names given. */
export async function listFolder(root: string, leftOut: ReadonlySet<string>): Promise<FolderEntries> {
  const entries = await readdir(root, { withFileTypes: true, recursive: true });
  const paths = entries
    .filter(({ name }) => !leftOut.has(name))
    .map((entry) => ({ entry, path: relative(root, join(entry.parentPath, entry.name)) }))
    .toSorted((a, b) => (a.path < b.path ? -1 : 1));
  const only = (is: (entry: (typeof entries)[number]) => boolean): string[] =>
    paths.flatMap(({ entry, path }) => (is(entry) ? [path] : []));
  const links = only((entry) => entry.isSymbolicLink()).map(async (path) => {
    const target = await readlink(join(root, path));
    const inside = isAbsolute(target) ? relative(root, target) : undefined;
    const isInside = inside !== undefined && !inside.startsWith("..");
    return [path, isInside ? `./${inside}` : target] as const;
  });
  return {
    files: only((entry) => entry.isFile()),
    folders: only((entry) => entry.isDirectory()),
    links: await Promise.all(links),
  };
}

/** The SHA-256 of a file, its size and its permissions. */
export async function describeFile(path: string): Promise<Manifest["files"][string]> {
  const hash = createHash("sha256");
  let bytes = 0;
  for await (const chunk of createReadStream(path, { highWaterMark: 2 ** 20 })) {
    const data: Buffer = chunk;
    hash.update(data);
    bytes += data.length;
  }
  return { bytes, sha256: hash.digest("hex"), mode: (await stat(path)).mode & 0o777 };
}
