import type { LoadedCheck } from "../checks/check-store.ts";
import { pause, resume, type Transition } from "../checks/transitions.ts";
import type { HeartbeatContext } from "../routes/heartbeat-context.ts";
import { ApiFault } from "./api-fault.ts";
import { accessOf, writeAccessOf } from "./authorize.ts";
import type { ApiRequest, Handler } from "./api-request.ts";
import { checkRequestOf } from "./check-request.ts";
import { checkIsOurs, createOrUpdate, inOrder, updateCheck } from "./create-or-update.ts";
import { checkWithId, checkWithIdOrKey } from "./find-check.ts";
import { shownCheck } from "./shown-check.ts";
import type { Access } from "../projects/project-directory.ts";

/** `GET checks/`, by tags (all of them) and slug. */
export const listChecks: Handler = (api) => {
  const access = accessOf(api.request, api.body, api.context.projects);
  const { slug } = api.query;
  const tags = valuesOf(api.query["tag"]);
  const slugs = valuesOf(slug);
  const checks = api.context.store
    .ofProject(access.project.id)
    .filter(({ definition }) => tags.every((tag) => definition.tags.includes(tag)))
    .filter(({ definition }) => slugs.every((each) => each === definition.slug))
    .toSorted(inOrder);
  return { json: { checks: checks.map((check) => show(api, access, check)) } };
};

/** `POST checks/`. */
export const createCheck: Handler = async (api) => {
  const access = writeAccessOf(api.request, api.body, api.context.projects);
  const { check, isNew } = await createOrUpdate(checkRequestOf(api.body), editOptions(api, access));
  return { status: isNew ? 201 : 200, json: show(api, access, check) };
};

/** `GET checks/<uuid or unique key>`. */
export const getCheck: Handler = (api) => {
  const access = accessOf(api.request, api.body, api.context.projects);
  return { json: show(api, access, checkWithIdOrKey(api.context.store, access.project, api.checkName)) };
};

/** `POST checks/<uuid>`. */
export const changeCheck: Handler = async (api) => {
  const { access, check } = ownCheck(api);
  const request = checkRequestOf(api.body);
  return { json: show(api, access, await updateCheck(check.definition.id, request, editOptions(api, access))) };
};

/** `DELETE checks/<uuid>`. */
export const deleteCheck: Handler = async (api) => {
  const { access, check } = ownCheck(api);
  checkIsOurs(check);
  const removed = await api.context.store.remove(check.definition.id);
  if (removed === undefined) throw new ApiFault(404, "not found");
  return { json: show(api, access, removed) };
};

/** `POST checks/<uuid>/pause`. */
export const pauseCheck: Handler = async (api) => {
  const { access, check } = ownCheck(api);
  const paused = await change(api.context, check, ({ state }) => pause(state, api.context.now()));
  return { json: show(api, access, paused) };
};

/** `POST checks/<uuid>/resume`. */
export const resumeCheck: Handler = async (api) => {
  const { access, check } = ownCheck(api);
  const resumed = await change(api.context, check, ({ state }) => {
    const transition = resume(state, api.context.now());
    if (transition === undefined) throw new ApiFault(409, "check is not paused");
    return transition;
  });
  return { json: show(api, access, resumed) };
};

/** The check of a request that may change it. */
export function ownCheck(api: ApiRequest): { readonly access: Access; readonly check: LoadedCheck } {
  const access = writeAccessOf(api.request, api.body, api.context.projects);
  return { access, check: checkWithId(api.context.store, access.project, api.checkName) };
}

async function change(
  { store }: HeartbeatContext,
  { definition: { id } }: LoadedCheck,
  transition: (check: LoadedCheck) => Transition,
): Promise<LoadedCheck> {
  const check = await store.update(id, (current) => {
    const { state, flips } = transition(current);
    return state === current.state ? undefined : { ...current, state, unsentFlips: [...current.unsentFlips, ...flips] };
  });
  if (check === undefined) throw new ApiFault(404, "not found");
  return check;
}

function show({ context, version }: ApiRequest, { project, isReadonly }: Access, check: LoadedCheck): object {
  return shownCheck(check, { project, isReadonly, version, externalUrl: context.externalUrl, nowMs: context.now() });
}

function editOptions({ context, version }: ApiRequest, { project }: Access) {
  return { ...context, project, version, nowMs: context.now() };
}

function valuesOf(value: string | readonly string[] | undefined): readonly string[] {
  if (value === undefined) return [];
  return typeof value === "string" ? [value] : value;
}
