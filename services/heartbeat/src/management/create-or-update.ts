import { isDeepStrictEqual } from "node:util";
import type { CheckDefinition } from "../checks/check.ts";
import type { CheckStore, LoadedCheck } from "../checks/check-store.ts";
import { newCheck, newDefinition } from "../checks/create-check.ts";
import type { HeartbeatSecret } from "../projects/heartbeat-secret.ts";
import type { Project } from "../projects/project.ts";
import { ApiFault } from "./api-fault.ts";
import { type CheckRequest, changedDefinition, matchesUnique } from "./check-request.ts";

export interface EditOptions {
  readonly store: CheckStore;
  readonly secret: HeartbeatSecret;
  readonly project: Project;
  readonly maxChecks: number;
  /** Of the API. */
  readonly version: number;
  readonly nowMs: number;
}

export interface Edited {
  readonly check: LoadedCheck;
  readonly isNew: boolean;
}

/** Makes a check, or changes the oldest one that has the values which the request names as unique. */
export async function createOrUpdate(request: CheckRequest, options: EditOptions): Promise<Edited> {
  const { store, project, maxChecks, nowMs } = options;
  const known = sameCheck(request, options);
  if (known !== undefined) return { check: await updateCheck(known.definition.id, request, options), isNew: false };
  if (store.countOf(project.id) >= maxChecks) throw new ApiFault(403, "");
  const definition = changedDefinition(newDefinition(project.id), request, project, options.version);
  const id = idFor(request, definition, options.secret);
  if (await store.create(newCheck({ ...definition, id }, "api", nowMs))) {
    const check = store.get(id);
    if (check !== undefined) return { check, isNew: true };
  }
  // Another request of the same unique values was quicker, or the check that had its id is another one by now.
  const other = sameCheck(request, options);
  if (other !== undefined) return { check: await updateCheck(other.definition.id, request, options), isNew: false };
  await store.create(newCheck(definition, "api", nowMs));
  const check = store.get(definition.id);
  if (check === undefined) throw new ApiFault(409, "the check was removed at once");
  return { check, isNew: true };
}

function sameCheck(request: CheckRequest, { store, project }: EditOptions): LoadedCheck | undefined {
  if (request.unique.length === 0) return undefined;
  const matching = store.ofProject(project.id).filter(({ definition }) => matchesUnique(definition, request));
  return matching.toSorted(inOrder)[0];
}

/** Those who ask for the same unique values at once ask for the same id, so that only one is made. */
function idFor({ unique }: CheckRequest, definition: CheckDefinition, secret: HeartbeatSecret): string {
  const { id, project, name, slug, tags, schedule, graceMs } = definition;
  if (unique.length === 0) return id;
  const values = { name, slug, tags, timeout: schedule, grace: graceMs };
  return secret.checkId(
    project,
    "unique",
    ...unique.toSorted().map((field) => `${field}=${JSON.stringify(values[field])}`),
  );
}

/** Changes what the request says; refuses where that is not what the file says. */
export async function updateCheck(
  id: string,
  request: CheckRequest,
  { store, project, version }: EditOptions,
): Promise<LoadedCheck> {
  const check = await store.update(id, (current) => {
    const definition = changedDefinition(current.definition, request, project, version);
    if (isDeepStrictEqual(definition, current.definition)) return undefined;
    checkIsOurs(current);
    return { ...current, definition };
  });
  if (check === undefined) throw new ApiFault(404, "not found");
  return check;
}

/** What the file says of a check is changed there; the next start would undo it here. */
export function checkIsOurs({ origin }: LoadedCheck): void {
  if (origin === "file") throw new ApiFault(409, "the check belongs to the heartbeat file: change it there and reload");
}

/** The oldest first. */
export function inOrder(a: LoadedCheck, b: LoadedCheck): number {
  return a.createdMs - b.createdMs || (a.definition.id < b.definition.id ? -1 : 1);
}
