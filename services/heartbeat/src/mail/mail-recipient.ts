import type { CheckStore, LoadedCheck } from "../checks/check-store.ts";
import { isUuid } from "../pings/ping-address.ts";
import type { ProjectDirectory } from "../projects/project-directory.ts";

/** The check of `<uuid>@domain` or `<ping key>+<slug>@domain`; undefined where there is none, or more than one. */
export function checkOfRecipient(
  address: string,
  { store, projects }: { readonly store: CheckStore; readonly projects: ProjectDirectory },
): LoadedCheck | undefined {
  const local = address.slice(0, Math.max(0, address.lastIndexOf("@")));
  if (isUuid(local)) return store.get(local);
  const plus = local.indexOf("+");
  if (plus <= 0) return undefined;
  const project = projects.withPingKey(local.slice(0, plus));
  if (project === undefined) return undefined;
  const [found, another] = store.withSlug(project.id, local.slice(plus + 1));
  return another === undefined ? found : undefined;
}
