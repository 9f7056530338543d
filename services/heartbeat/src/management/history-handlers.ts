import type { FlipRecord } from "../history/flip-record.ts";
import type { LoggedPing } from "../history/history-reader.ts";
import { ApiFault } from "./api-fault.ts";
import type { ApiRequest, Handler } from "./api-request.ts";
import { accessOf } from "./authorize.ts";
import { ownCheck } from "./check-handlers.ts";
import { checkWithIdOrKey } from "./find-check.ts";
import { shownMoment, shownSecond } from "./shown-time.ts";

/** As many as Healthchecks keeps at most. */
const MAX_PINGS = 1000;
const MAX_FLIP_SECONDS = 31_536_000;
/** The latest moment that a query may name: dates of ten digits of seconds. */
const MAX_SECOND = 9_999_999_999;

/** `GET checks/<uuid>/pings/`. */
export const listPings: Handler = async (api) => {
  const { check } = ownCheck(api);
  const pings = await api.context.history.pings(check.definition.id, MAX_PINGS);
  return { json: { pings: pings.map((ping) => shownPing(ping, api)) } };
};

/** `GET checks/<uuid>/pings/<n>/body`. */
export const getBody: Handler = async (api) => {
  const { check } = ownCheck(api);
  if (!/^\d{1,15}$/.test(api.pingNumber)) throw new ApiFault(404, "not found");
  const body = await api.context.history.body(check.definition.id, Number(api.pingNumber));
  if (body === undefined || body.length === 0) throw new ApiFault(404, "not found");
  return { bytes: body, contentType: "text/plain" };
};

/** `GET checks/<uuid or unique key>/flips/`. */
export const listFlips: Handler = async (api) => {
  const access = accessOf(api.request, api.body, api.context.projects);
  const check = checkWithIdOrKey(api.context.store, access.project, api.checkName);
  const flips = await api.context.history.flips(check.definition.id, rangeOf(api));
  return { json: { flips: flips.filter(({ to }) => to === "up" || to === "down").map(shownFlip) } };
};

function rangeOf({ query, context }: ApiRequest): { readonly fromMs: number; readonly toMs: number } {
  const seconds = numberOf(query["seconds"], MAX_FLIP_SECONDS);
  const start = numberOf(query["start"], MAX_SECOND);
  const end = numberOf(query["end"], MAX_SECOND);
  const from = seconds === undefined ? 0 : context.now() - seconds * 1000;
  return {
    fromMs: Math.max(from, (start ?? 0) * 1000),
    // The end itself is not in it.
    toMs: (end ?? MAX_SECOND) * 1000 - (end === undefined ? 0 : 1),
  };
}

function numberOf(text: string | readonly string[] | undefined, limit: number): number | undefined {
  if (text === undefined || text === "") return undefined;
  const value = typeof text === "string" && /^\d{1,10}$/.test(text) ? Number(text) : Number.NaN;
  if (!(value <= limit)) throw new ApiFault(400, "");
  return value;
}

function shownFlip({ atMs, to }: FlipRecord): object {
  return { timestamp: shownSecond(atMs), up: to === "up" ? 1 : 0 };
}

function shownPing(ping: LoggedPing, { context: { externalUrl }, version }: ApiRequest): object {
  const bodyUrl = `${externalUrl}/api/v${version}/checks/${ping.checkId}/pings/${ping.number}/body`;
  return {
    type: ping.type,
    date: shownMoment(ping.atMs),
    n: ping.number,
    scheme: ping.scheme,
    remote_addr: ping.remoteAddress,
    method: ping.method,
    ua: ping.userAgent,
    rid: ping.runId ?? null,
    body_url: ping.bodyBytes > 0 ? bodyUrl : null,
    ...(ping.durationMs === undefined ? {} : { duration: ping.durationMs / 1000 }),
  };
}
