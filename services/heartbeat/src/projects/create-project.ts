import type { ChannelConfig } from "./channel-config.ts";
import { hashKey, type Project } from "./project.ts";

/** What opens a project, in plain. */
export interface ProjectKeys {
  readonly pingKey: string | undefined;
  readonly apiKey: string | undefined;
  readonly readonlyApiKey: string | undefined;
}

export interface ProjectParts extends ProjectKeys {
  readonly id: string;
  readonly name: string;
  readonly origin: Project["origin"];
  readonly channels: readonly ChannelConfig[];
}

/** A project without the keys themselves. */
export function createProject({ pingKey, apiKey, readonlyApiKey, ...parts }: ProjectParts): Project {
  return {
    ...parts,
    pingKeyHash: hashOf(pingKey),
    apiKeyHash: hashOf(apiKey),
    readonlyApiKeyHash: hashOf(readonlyApiKey),
  };
}

function hashOf(key: string | undefined): string | undefined {
  return key === undefined ? undefined : hashKey(key);
}
