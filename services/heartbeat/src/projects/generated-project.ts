import type { VersionedBucket } from "@monotreme/bus";
import type { Logger } from "@monotreme/telemetry";
import { createProject, type ProjectKeys } from "./create-project.ts";
import { ensureGeneratedKeys, generatedKeysPath, readGeneratedKeys } from "./generated-keys.ts";
import { nameUuid } from "./name-uuid.ts";
import type { Project } from "./project.ts";

const NAME = "default";

export interface GeneratedProjectOptions {
  /** Of projects: all replicas take the keys whose hashes stand there. */
  readonly bucket: VersionedBucket;
  readonly storagePath: string;
  readonly logger: Logger;
}

/**
 * The project there is where no file names any. The first process makes its keys and keeps them in its data folder; the
 * bucket has their hashes only, which the others use.
 */
export async function openGeneratedProject(options: GeneratedProjectOptions): Promise<Project> {
  const { bucket, storagePath, logger } = options;
  const known = await bucket.get(NAME);
  if (known?.value !== undefined) {
    const project = decodeProject(known.value);
    const keys = await readGeneratedKeys(storagePath);
    const isOurs = keys !== undefined && fromKeys(keys).apiKeyHash === project.apiKeyHash;
    if (!isOurs)
      logger.warn({ file: generatedKeysPath(storagePath) }, "the generated keys are those of another folder");
    return project;
  }
  const project = fromKeys(await ensureGeneratedKeys(storagePath));
  const revision = await bucket.put(NAME, encoder.encode(JSON.stringify(project)), known?.revision ?? 0);
  return revision === undefined ? openGeneratedProject(options) : project;
}

const encoder = new TextEncoder();
const decoder = new TextDecoder();

function fromKeys(keys: ProjectKeys): Project {
  return createProject({ ...keys, id: nameUuid("project", NAME), name: NAME, origin: "generated", channels: [] });
}

function decodeProject(bytes: Uint8Array): Project {
  const value: unknown = JSON.parse(decoder.decode(bytes));
  if (typeof value !== "object" || value === null || !("id" in value) || !("apiKeyHash" in value)) {
    throw new Error("not a project");
  }
  // Only this service writes the bucket.
  return value as Project;
}
