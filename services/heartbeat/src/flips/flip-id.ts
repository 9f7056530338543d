import type { Flip } from "../checks/check.ts";

/** What tells one flip from all others; a flip that is handed on again has it again. */
export function flipIdOf(checkId: string, { atMs, from, to }: Flip): string {
  return `flip/${checkId}/${atMs}/${from}/${to}`;
}
