import { execFile } from "node:child_process";

import { AppError } from "@monotreme/errors";

/** Where distributions keep servers although the PATH of an ordinary user does not name it. */
const EXTRA_FOLDERS = ["/usr/sbin", "/usr/local/sbin", "/usr/local/bin", "/opt/homebrew/bin"];

export interface Executable {
  readonly path: string;
  /** What it answers to `--version`, trimmed. */
  readonly version: string;
}

/**
 * The first of the named programs that runs, looked for on the PATH and in the folders for servers.
 * Throws `EMBEDDED_SERVER_MISSING` with the commands that install it when there is none.
 */
export async function findExecutable(names: readonly string[], installHint: string): Promise<Executable> {
  for (const name of names) {
    for (const path of [name, ...EXTRA_FOLDERS.map((folder) => `${folder}/${name}`)]) {
      const version = await versionOf(path);
      if (version !== undefined) return { path, version };
    }
  }
  throw new AppError(
    "EMBEDDED_SERVER_MISSING",
    "invalid",
    `${names.join(" or ")} is not installed: install it (${installHint}), or name a running server by its flag`,
  );
}

async function versionOf(path: string): Promise<string | undefined> {
  return new Promise((resolve) => {
    execFile(path, ["--version"], { timeout: 10_000 }, (error, stdout, stderr) => {
      resolve(error === null ? `${stdout}${stderr}`.trim() : undefined);
    });
  });
}
