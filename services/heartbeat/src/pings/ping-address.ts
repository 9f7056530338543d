import type { PingAction } from "../checks/transitions.ts";

/** What an address says of a ping. */
export interface PingAddress {
  readonly check: { readonly id: string } | { readonly pingKey: string; readonly slug: string };
  readonly action: PingAction;
  readonly exitStatus?: number;
}

/** Why an address names no ping. */
export type AddressFault = "not found" | "invalid url format";

const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/;
const SLUG = /^[a-z0-9_-]+$/;
/** As systemd's `$EXIT_STATUS` names them: a job that a signal ended has failed. */
const SIGNAL =
  /^(?:SIG)?(?:HUP|INT|QUIT|ILL|TRAP|ABRT|IOT|BUS|FPE|KILL|USR1|SEGV|USR2|PIPE|ALRM|TERM|STKFLT|CHLD|CONT|STOP|TSTP|TTIN|TTOU|URG|XCPU|XFSZ|VTALRM|PROF|WINCH|IO|POLL|PWR|SYS|RTMIN(?:\+\d+)?|RTMAX(?:-\d+)?)$/;
const MAX_EXIT_STATUS = 255;

/** Whether the text is a UUID in the only form that addresses take: lower case, with dashes. */
export function isUuid(text: string): boolean {
  return UUID.test(text);
}

/** Reads `<uuid>[/action]` and `<ping key>/<slug>[/action]`; an action is a word, an exit status or a signal. */
export function pingAddressOf(segments: readonly string[]): PingAddress | AddressFault {
  const [first = "", second, third] = segments;
  if (isUuid(first)) {
    if (third !== undefined) return "not found";
    const said = actionOf(second);
    return typeof said === "string" ? said : { check: { id: first }, ...said };
  }
  if (second === undefined || first === "") return "not found";
  if (!SLUG.test(second)) return "invalid url format";
  const said = actionOf(third);
  return typeof said === "string" ? said : { check: { pingKey: first, slug: second }, ...said };
}

function actionOf(segment: string | undefined): Omit<PingAddress, "check"> | AddressFault {
  if (segment === undefined) return { action: "success" };
  if (segment === "start" || segment === "fail" || segment === "log") return { action: segment };
  if (/^\d{1,9}$/.test(segment)) {
    const exitStatus = Number(segment);
    if (exitStatus > MAX_EXIT_STATUS) return "invalid url format";
    return { action: exitStatus === 0 ? "success" : "fail", exitStatus };
  }
  if (SIGNAL.test(segment)) return { action: "fail" };
  return /[^a-z0-9_-]/.test(segment) ? "invalid url format" : "not found";
}
