import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

/** A new empty folder for one test's data, removed by `remove` or with `await using`. */
export interface TemporaryFolder {
  readonly path: string;
  remove(): Promise<void>;
}

/** Makes a folder under the system's temporary folder; kept where MONOTREME_KEEP_TEST_DATA is set. */
export async function createTemporaryFolder(name: string): Promise<TemporaryFolder> {
  const path = await mkdtemp(join(tmpdir(), `monotreme-${name}-`));
  return {
    path,
    remove: async () => {
      if (process.env["MONOTREME_KEEP_TEST_DATA"] === undefined) {
        await rm(path, { recursive: true, force: true, maxRetries: 5, retryDelay: 100 });
      }
    },
  };
}
