import { randomBytes } from "node:crypto";
import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";

const SECRET_FORM = /^[A-Za-z0-9_-]{24}$/;

/**
 * The password of the server on this data folder: made at the first start and kept in a file that only its owner can
 * read, so that clients which outlive a restart still know it. 144 random bits, safe in URLs and configuration files.
 */
export async function localSecret(dataPath: string): Promise<string> {
  const path = join(dataPath, "secret");
  const kept = await readFile(path, "utf8").catch(() => "");
  if (SECRET_FORM.test(kept)) return kept;
  const secret = randomBytes(18).toString("base64url");
  await writeFile(path, secret, { mode: 0o600 });
  return secret;
}
