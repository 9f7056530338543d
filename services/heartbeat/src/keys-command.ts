import type { FlagValues } from "@monotreme/config";
import type { KEYS_FLAGS } from "./config.ts";
import { generatedKeysPath, readGeneratedKeys } from "./projects/generated-keys.ts";

/** What `heartbeat keys` prints: the generated keys of a data folder, whether or not a server runs on it. */
export async function renderKeys({ storagePath }: FlagValues<typeof KEYS_FLAGS>): Promise<string> {
  const keys = await readGeneratedKeys(storagePath);
  if (keys === undefined) {
    return (
      `${generatedKeysPath(storagePath)} is not there: no keys were generated in this folder (yet). They are at the ` +
      "first start without --heartbeat.config.file; with that file its keys hold. --storage.path names another folder.\n"
    );
  }
  return [
    "project           default",
    `ping key          ${keys.pingKey}`,
    `API key           ${keys.apiKey}`,
    `API key (read)    ${keys.readonlyApiKey}`,
    "",
  ].join("\n");
}
