import type { CheckStore, LoadedCheck } from "../checks/check-store.ts";
import { uniqueKeyOf } from "../checks/unique-key.ts";
import { isUuid } from "../pings/ping-address.ts";
import type { Project } from "../projects/project.ts";
import { ApiFault } from "./api-fault.ts";

/** The check of a UUID; 403 where it is another project's. */
export function checkWithId(store: CheckStore, project: Project, id: string): LoadedCheck {
  const check = isUuid(id) ? store.get(id) : undefined;
  if (check === undefined) throw new ApiFault(404, "not found");
  if (check.definition.project !== project.id) throw new ApiFault(403, "");
  return check;
}

/** The check of a UUID or of a unique key. */
export function checkWithIdOrKey(store: CheckStore, project: Project, text: string): LoadedCheck {
  if (!/^[0-9a-f]{40}$/.test(text)) return checkWithId(store, project, text);
  const check = store.ofProject(project.id).find(({ definition }) => uniqueKeyOf(definition.id) === text);
  if (check === undefined) throw new ApiFault(404, "not found");
  return check;
}
