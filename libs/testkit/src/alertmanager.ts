import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

import { findFreePort } from "@monotreme/standalone";

import { createTemporaryFolder } from "./temporary-folder.ts";
import { startProgram, type TestProgram } from "./test-program.ts";

const START_SCRIPT = fileURLToPath(new URL("../../../tools/start.mjs", import.meta.url));
const START_TIMEOUT_MS = 60_000;

export interface AlertmanagerOptions {
  /** The text of alertmanager.yml. */
  readonly configYaml: string;
  /** More flags, after those that set the folder, the port and the configuration. */
  readonly args?: readonly string[];
  /** A folder that outlives this one, to start again on; a new one when not given. */
  readonly storagePath?: string;
}

/** The alertmanager as users start it, in a process of its own with its NATS and Redis, on a free port. */
export interface TestAlertmanager {
  readonly url: string;
  readonly configFile: string;
  readonly storagePath: string;
  readonly program: TestProgram;
  /** Ends it, and removes its folder unless that was given. */
  stop(signal?: NodeJS.Signals): Promise<number | string>;
}

/** Starts the alertmanager alone with upstream's flags and resolves when it is ready; throws its output otherwise. */
export async function startAlertmanager(options: AlertmanagerOptions): Promise<TestAlertmanager> {
  const folder = await createTemporaryFolder("alertmanager");
  const storagePath = options.storagePath ?? join(folder.path, "data");
  const configFile = join(folder.path, "alertmanager.yml");
  await writeFile(configFile, options.configYaml);
  const port = await findFreePort();
  const flags = [
    "--roles=alertmanager",
    `--config.file=${configFile}`,
    `--storage.path=${storagePath}`,
    `--web.listen-address=127.0.0.1:${port}`,
    ...(options.args ?? []),
  ];
  const program = await startProgram(process.execPath, [START_SCRIPT, ...flags], {
    readyPattern: /^.*\bready\b.*http:\/\/.*$/m,
    startTimeoutMs: START_TIMEOUT_MS,
  });
  return {
    url: `http://127.0.0.1:${port}`,
    configFile,
    storagePath,
    program,
    stop: async (signal) => {
      const how = await program.stop(signal);
      await folder.remove();
      return how;
    },
  };
}
