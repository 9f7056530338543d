import { createHash } from "node:crypto";
import type { DescribedRuleGroup } from "@monotreme/contracts";

/** Which part of the groups is wanted. */
export interface GroupPage {
  readonly limit: number;
  /** Where to begin; `""`: at the first. */
  readonly token: string;
}

export interface PagedGroups {
  readonly groups: readonly DescribedRuleGroup[];
  /** Where the next page begins; undefined after the last. */
  readonly nextToken: string | undefined;
}

/** One page; undefined where no group has that token any more. */
export function pageOfGroups(
  groups: readonly DescribedRuleGroup[],
  { limit, token }: GroupPage,
): PagedGroups | undefined {
  const from = token === "" ? 0 : groups.findIndex((group) => tokenOf(group) === token);
  if (from < 0) return undefined;
  const next = groups[from + limit];
  return { groups: groups.slice(from, from + limit), nextToken: next && tokenOf(next) };
}

/** As upstream's, so that pages can be followed across both. */
function tokenOf({ file, name }: DescribedRuleGroup): string {
  return createHash("sha1").update(`${file};${name}`).digest("hex");
}
