import { readFile } from "node:fs/promises";
import { messageOf } from "@monotreme/errors";
import type { Secret } from "@monotreme/prometheus-config";
import { HttpClientError } from "./http-client-error.ts";

/** A secret given in the configuration or in a file; "" where neither is. Files are read at each call. */
export async function secretText(secret: Secret | undefined, file: string | undefined): Promise<string> {
  return file === undefined ? (secret?.reveal() ?? "") : readSecretFile(file);
}

/** A secret's file without the white space around it. */
export async function readSecretFile(path: string): Promise<string> {
  try {
    return (await readFile(path, "utf8")).trim();
  } catch (error) {
    throw new HttpClientError("credentials", `cannot read the credentials in ${path}: ${messageOf(error)}`, error);
  }
}
