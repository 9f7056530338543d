import type { PingFilters } from "../checks/check.ts";
import type { PingAction } from "../checks/transitions.ts";
import { actionByKeywords } from "../pings/ping-filter.ts";
import type { ParsedMail } from "./parse-mail.ts";

/** What a mail counts as: a success, or what the check's keywords say where they look at subjects or texts. */
export function mailAction({ subject, text }: ParsedMail, filters: PingFilters): PingAction {
  if (!filters.subject && !filters.body) return "success";
  const looked = [...(filters.subject ? [subject] : []), ...(filters.body ? [text] : [])];
  return actionByKeywords(looked.join("\n"), filters);
}
