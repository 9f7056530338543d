import { readFile } from "node:fs/promises";
import { join, relative, resolve } from "node:path";
import { type CommandLine, describeFlags, flag, FlagError, parseFlags, textSchema } from "@monotreme/config";
import { ProcessRecordFile } from "../../embedded/process-record.ts";
import { type CommandOutput, EXIT_CODES } from "../command-output.ts";
import { BackupError } from "./backup-error.ts";
import { copyFromBackup, copyToBackup } from "./copy-data.ts";
import type { Manifest } from "./manifest.ts";

/** Flags of `monotreme backup` and `monotreme restore`. */
export const BACKUP_FLAGS = {
  storagePath: flag("storage.path", textSchema, "./data", "Data folder of a standalone that does not run."),
} as const;

const PARTS = ["nats", "redis", "clickhouse"] as const;

const BACKUP_USAGE = `Usage: npm run monotreme -- backup DIR [flags]

Copies the data of a standalone that is stopped into a new folder, with the checksum of every file. Reads that folder
only; docs/backup.md has the ways for servers that go on.`;

const RESTORE_USAGE = `Usage: npm run monotreme -- restore DIR [flags]

Compares every file of a backup with its checksum, and copies it into an empty data folder.`;

/** Runs `monotreme backup DIR` and tells the exit code. */
export async function runBackupCommand(commandLine: CommandLine, output: CommandOutput): Promise<number> {
  return run(commandLine, output, BACKUP_USAGE, async (folder, storagePath) => {
    if (!relative(storagePath, folder).startsWith(".."))
      throw new BackupError(`${folder} lies in the data folder ${storagePath}: name one outside of it`);
    await requireStopped(storagePath);
    const manifest = await copyToBackup(storagePath, folder, new Date());
    output.line(`${storagePath} is saved in ${folder}: ${describe(manifest)}`);
  });
}

/** Runs `monotreme restore DIR` and tells the exit code. */
export async function runRestoreCommand(commandLine: CommandLine, output: CommandOutput): Promise<number> {
  return run(commandLine, output, RESTORE_USAGE, async (folder, storagePath) => {
    const manifest = await copyFromBackup(folder, storagePath);
    output.line(`${storagePath} is as it was at ${manifest.createdAt}: ${describe(manifest)}`);
  });
}

async function run(
  { argv, environment }: CommandLine,
  output: CommandOutput,
  usage: string,
  work: (folder: string, storagePath: string) => Promise<void>,
): Promise<number> {
  const help = `${usage}\n\nFlags:\n${describeFlags(BACKUP_FLAGS)}`;
  if (argv.includes("--help") || argv.includes("-h")) {
    output.line(help);
    return EXIT_CODES.well;
  }
  const at = argv.findIndex((argument, i) => !argument.startsWith("-") && argv[i - 1] !== "--storage.path");
  const folder = argv[at];
  if (folder === undefined) {
    output.fault(`which folder?\n\n${help}`);
    return EXIT_CODES.misuse;
  }
  try {
    const { values } = parseFlags(BACKUP_FLAGS, { argv: argv.toSpliced(at, 1), environment });
    await work(resolve(folder), resolve(values.storagePath));
    return EXIT_CODES.well;
  } catch (error) {
    if (!(error instanceof FlagError)) throw error;
    output.fault(error.message);
    return EXIT_CODES.misuse;
  }
}

/** Throws `EMBEDDED_DATA_IN_USE` while a standalone runs on the folder; servers that a killed one left are ended. */
async function requireStopped(storagePath: string): Promise<void> {
  for (const part of PARTS) await new ProcessRecordFile(join(storagePath, part)).claim();
  const config = await readFile(join(storagePath, "clickhouse", "config.xml"), "utf8").catch(() => "");
  if (config.includes("<storage_configuration>"))
    throw new BackupError(`${storagePath} has older partitions on other volumes (--tiers.file): see docs/backup.md`);
}

function describe({ files, version }: Manifest): string {
  const bytes = Object.values(files).reduce((sum, file) => sum + file.bytes, 0);
  return `${Object.keys(files).length} files, ${(bytes / 2 ** 20).toFixed(1)} MiB, by version ${version}`;
}
