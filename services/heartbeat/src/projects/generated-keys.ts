import { randomBytes } from "node:crypto";
import { link, mkdir, readFile, unlink, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { AppError } from "@monotreme/errors";
import { isMissing } from "@monotreme/prometheus-config";
import type { ProjectKeys } from "./create-project.ts";

/** The keys of a project that nobody configured. */
export type GeneratedKeys = { readonly [K in keyof ProjectKeys]: string };

/** Where the generated keys stand in plain, readable by the owner only. */
export function generatedKeysPath(storagePath: string): string {
  return join(storagePath, "heartbeat", "keys.json");
}

/** Keys as Healthchecks forms them. */
export function generateKeys(): GeneratedKeys {
  return {
    pingKey: randomText(22),
    apiKey: `hcw_${randomText(28)}`,
    readonlyApiKey: `hcr_${randomText(28)}`,
  };
}

/** The keys of the data folder; undefined where there are none yet. */
export async function readGeneratedKeys(storagePath: string): Promise<GeneratedKeys | undefined> {
  const path = generatedKeysPath(storagePath);
  let text: string;
  try {
    text = await readFile(path, "utf8");
  } catch (error) {
    if (isMissing(error)) return undefined;
    throw new AppError("HEARTBEAT_KEYS_UNREADABLE", "internal", `${path} cannot be read`, { cause: error });
  }
  const keys = keysFrom(text);
  if (keys === undefined) throw new AppError("HEARTBEAT_KEYS_UNREADABLE", "internal", `${path} holds no keys`);
  return keys;
}

/** The keys of the data folder, made now where there are none; of several processes that make them, one wins. */
export async function ensureGeneratedKeys(storagePath: string): Promise<GeneratedKeys> {
  const known = await readGeneratedKeys(storagePath);
  if (known !== undefined) return known;
  const keys = generateKeys();
  const path = generatedKeysPath(storagePath);
  await mkdir(dirname(path), { recursive: true, mode: 0o700 });
  const newPath = `${path}.${randomText(8)}.new`;
  await writeFile(newPath, `${JSON.stringify(keys, null, 2)}\n`, { mode: 0o600, flag: "wx", flush: true });
  try {
    // Whole or not at all, and never over keys that are there.
    await link(newPath, path);
  } catch {
    return (await readGeneratedKeys(storagePath)) ?? keys;
  } finally {
    await unlink(newPath);
  }
  return keys;
}

function keysFrom(text: string): GeneratedKeys | undefined {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return undefined;
  }
  if (typeof value !== "object" || value === null) return undefined;
  const { pingKey, apiKey, readonlyApiKey } = value as Readonly<Record<string, unknown>>;
  if (typeof pingKey !== "string" || typeof apiKey !== "string" || typeof readonlyApiKey !== "string") return undefined;
  return { pingKey, apiKey, readonlyApiKey };
}

function randomText(length: number): string {
  const alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
  return Array.from(randomBytes(length), (byte) => alphabet[byte % 64]).join("");
}
