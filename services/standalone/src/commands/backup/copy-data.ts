import { constants } from "node:fs";
import { chmod, copyFile, mkdir, open, readdir, symlink, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { isMissing } from "@monotreme/prometheus-config";
import { MONOTREME_VERSION } from "@monotreme/telemetry";
import { BackupError } from "./backup-error.ts";
import { DATA_NAME, describeFile, listFolder, type Manifest, MANIFEST_NAME, readManifest } from "./manifest.ts";

/** Notes of processes that run; they mean nothing elsewhere. */
const LEFT_OUT: ReadonlySet<string> = new Set(["monotreme-process.json"]);

/** Copies a data folder that nobody writes to; what it says of itself is written last, when all of it is on disk. */
export async function copyToBackup(storagePath: string, target: string, now: Date): Promise<Manifest> {
  await requireEmpty(target);
  const data = join(target, DATA_NAME);
  const entries = await listFolder(storagePath, LEFT_OUT);
  if (entries.files.length === 0) throw new BackupError(`${storagePath} is empty: name the folder by --storage.path`);
  await makeFolders(data, entries.folders);
  const files: Record<string, Manifest["files"][string]> = {};
  for (const path of entries.files) {
    await copyDurably(join(storagePath, path), join(data, path));
    // Of the copy, and not of what was copied: so it is read once more.
    files[path] = await describeFile(join(data, path));
  }
  const { folders, links } = entries;
  const manifest: Manifest = {
    format: 1,
    version: MONOTREME_VERSION,
    createdAt: now.toISOString(),
    files,
    links: Object.fromEntries(links),
    folders: [...folders],
  };
  await writeFile(join(target, MANIFEST_NAME), JSON.stringify(manifest), { mode: 0o600, flush: true });
  return manifest;
}

/** Compares every file of a backup with what it should be, and copies them to an empty folder when all are right. */
export async function copyFromBackup(source: string, storagePath: string): Promise<Manifest> {
  const manifest = await readManifest(source);
  await requireEmpty(storagePath);
  const data = join(source, DATA_NAME);
  for (const path of [...Object.keys(manifest.files), ...Object.keys(manifest.links), ...manifest.folders]) {
    if (path.startsWith("/") || path.split("/").includes(".."))
      throw new BackupError(`${path} leads out of the backup`);
  }
  for (const [path, { bytes, sha256 }] of Object.entries(manifest.files)) {
    const found = await describeFile(join(data, path)).catch((error: unknown) => {
      if (isMissing(error)) throw new BackupError(`${join(data, path)} is missing: nothing was restored`, error);
      throw error;
    });
    if (found.bytes !== bytes || found.sha256 !== sha256)
      throw new BackupError(`${join(data, path)} is not as it was saved: nothing was restored`);
  }
  await makeFolders(storagePath, manifest.folders);
  for (const [path, { mode }] of Object.entries(manifest.files)) {
    await copyDurably(join(data, path), join(storagePath, path));
    await chmod(join(storagePath, path), mode);
  }
  for (const [path, target] of Object.entries(manifest.links)) {
    const isInside = target.startsWith("./");
    await symlink(isInside ? join(storagePath, target) : target, join(storagePath, path));
  }
  return manifest;
}

async function requireEmpty(folder: string): Promise<void> {
  try {
    if ((await readdir(folder)).length > 0) throw new BackupError(`${folder} is not empty: name another folder`);
  } catch (error) {
    if (!isMissing(error)) throw error;
  }
}

async function makeFolders(root: string, folders: readonly string[]): Promise<void> {
  await mkdir(root, { recursive: true, mode: 0o700 });
  for (const folder of folders) await mkdir(join(root, folder), { recursive: true, mode: 0o700 });
}

/** Shares blocks with the source where the file system can. */
async function copyDurably(from: string, to: string): Promise<void> {
  await mkdir(dirname(to), { recursive: true, mode: 0o700 });
  await copyFile(from, to, constants.COPYFILE_FICLONE);
  const handle = await open(to, "r");
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}
