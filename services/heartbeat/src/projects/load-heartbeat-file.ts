import { readFile } from "node:fs/promises";
import { dirname } from "node:path";
import { messageOf } from "@monotreme/errors";
import { ConfigDocument, ConfigFileError } from "@monotreme/prometheus-config";
import type { FileCheck } from "./check-section.ts";
import { createProject } from "./create-project.ts";
import { type FileProject, heartbeatFile, keyProblem, type KeySource } from "./heartbeat-file.ts";
import type { Project } from "./project.ts";

/** What the file says, its keys read. */
export interface LoadedFile {
  readonly projects: readonly Project[];
  readonly checks: readonly FileCheck[];
}

/** Reads and parses the file and the files of keys that it names; throws {@link ConfigFileError} with every fault. */
export async function loadHeartbeatFile(path: string): Promise<LoadedFile> {
  let text: string;
  try {
    text = await readFile(path, "utf8");
  } catch (error) {
    throw new ConfigFileError([`${path}: cannot read the heartbeat file: ${messageOf(error)}`], error);
  }
  const projects = parseHeartbeatFile(text, { fileName: path, folder: dirname(path) });
  const loaded: Project[] = [];
  const faults: string[] = [];
  for (const project of projects) {
    try {
      loaded.push(await readKeys(project));
    } catch (error) {
      faults.push(`${path}: project ${JSON.stringify(project.name)}: ${messageOf(error)}`);
    }
  }
  faults.push(...sharedKeys(path, loaded));
  if (faults.length > 0) throw new ConfigFileError(faults);
  return { projects: loaded, checks: projects.flatMap(({ checks }) => checks) };
}

/** The projects of a file's text; throws {@link ConfigFileError} with every fault and its line. */
export function parseHeartbeatFile(
  text: string,
  place: { readonly fileName: string; readonly folder: string },
): readonly FileProject[] {
  const document = new ConfigDocument(text, place);
  // A tree that the YAML reader had to guess at is not worth more faults.
  if (document.faultCount > 0) throw new ConfigFileError(document.faults);
  const projects = heartbeatFile.decode(document.root);
  if (projects === undefined || document.faultCount > 0) throw new ConfigFileError(document.faults);
  return projects;
}

async function readKeys({ id, name, channels, ...sources }: FileProject): Promise<Project> {
  const [pingKey, apiKey, readonlyApiKey] = await Promise.all([
    keyFrom(sources.pingKey, "ping_key"),
    keyFrom(sources.apiKey, "api_key"),
    keyFrom(sources.readonlyApiKey, "api_key_readonly"),
  ]);
  return createProject({ id, name, origin: "file", channels, pingKey, apiKey, readonlyApiKey });
}

async function keyFrom({ key, file }: KeySource, field: string): Promise<string | undefined> {
  if (file === undefined) return key?.reveal();
  const text = (await readFile(file, "utf8")).trim();
  const problem = keyProblem(text, field);
  if (problem !== undefined) throw new Error(`${file}: ${problem}`);
  return text;
}

/** A key opens one door only. */
function sharedKeys(path: string, projects: readonly Project[]): readonly string[] {
  const owners = new Map<string, string>();
  const faults: string[] = [];
  for (const { name, pingKeyHash, apiKeyHash, readonlyApiKeyHash } of projects) {
    const keys = [
      ["ping_key", pingKeyHash],
      ["api_key", apiKeyHash],
      ["api_key_readonly", readonlyApiKeyHash],
    ] as const;
    for (const [field, hash] of keys) {
      if (hash === undefined) continue;
      const owner = owners.get(hash);
      if (owner !== undefined) faults.push(`${path}: ${field} of project ${JSON.stringify(name)} is also ${owner}`);
      owners.set(hash, `${field} of project ${JSON.stringify(name)}`);
    }
  }
  return faults;
}
