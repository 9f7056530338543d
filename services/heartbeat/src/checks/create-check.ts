import { randomBytes, randomUUID } from "node:crypto";
import type { HeartbeatSecret } from "../projects/heartbeat-secret.ts";
import type { Project } from "../projects/project.ts";
import { type CheckDefinition, NEW_CHECK } from "./check.ts";
import { DEFAULT_GRACE_MS, DEFAULT_PERIOD_MS, isSlug, NO_FILTERS } from "./check-rules.ts";
import type { CheckStore, LoadedCheck } from "./check-store.ts";
import type { StoredCheck } from "./stored-check.ts";

/** A check that says nothing but its name: one ping a day, an hour late at most. */
export function newDefinition(project: string): CheckDefinition {
  return {
    id: randomUUID(),
    project,
    name: "",
    slug: "",
    tags: [],
    description: "",
    schedule: { kind: "simple", periodMs: DEFAULT_PERIOD_MS },
    graceMs: DEFAULT_GRACE_MS,
    manualResume: false,
    postOnly: false,
    filters: NO_FILTERS,
    channels: [],
  };
}

/** A check that was never pinged. */
export function newCheck(definition: CheckDefinition, origin: StoredCheck["origin"], nowMs: number): StoredCheck {
  return {
    definition,
    state: NEW_CHECK,
    origin,
    badgeKey: randomBytes(16).toString("base64url"),
    createdMs: nowMs,
    unsentFlips: [],
  };
}

export interface CreationContext {
  readonly store: CheckStore;
  readonly secret: HeartbeatSecret;
  /** Checks of a project, at most; pings may make as many again. */
  readonly maxChecks: number;
  readonly now: () => number;
}

/** The check that a ping asks for; told to all channels. Undefined where the slug is too long or the project is full. */
export async function createForSlug(
  project: Project,
  slug: string,
  { store, secret, maxChecks, now }: CreationContext,
): Promise<LoadedCheck | undefined> {
  if (!isSlug(slug) || store.countOf(project.id) >= 2 * maxChecks) return undefined;
  // The same for all who ask at once, so that only one is made.
  const id = secret.checkId(project.id, "slug", slug);
  const channels = project.channels.map(({ name }) => name);
  await store.create(newCheck({ ...newDefinition(project.id), id, name: slug, slug, channels }, "api", now()));
  return store.get(id);
}
