import { createHash } from "node:crypto";
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

/** A project without the keys themselves. What its badges need is made of the keys, so that nothing else is to be kept. */
export function createProject({ pingKey, apiKey, readonlyApiKey, ...parts }: ProjectParts): Project {
  const derived = (purpose: string): string =>
    createHash("sha256")
      .update(JSON.stringify([purpose, parts.id, pingKey, apiKey, readonlyApiKey]))
      .digest("base64url");
  return {
    ...parts,
    pingKeyHash: hashOf(pingKey),
    apiKeyHash: hashOf(apiKey),
    readonlyApiKeyHash: hashOf(readonlyApiKey),
    badgeKey: derived("badge key").slice(0, 22),
    badgeSecret: derived("badge secret"),
  };
}

function hashOf(key: string | undefined): string | undefined {
  return key === undefined ? undefined : hashKey(key);
}
