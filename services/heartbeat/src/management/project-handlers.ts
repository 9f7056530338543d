import { ALL_CHECKS, BADGE_FORMATS, badgePath } from "../badges/badge-address.ts";
import type { Handler } from "./api-request.ts";
import { accessOf, writeAccessOf } from "./authorize.ts";

/** `GET channels/`: as Healthchecks has it, and beyond it `last_error` where a channel could not be told lately. */
export const listChannels: Handler = ({ request, body, context }) => {
  const { project } = writeAccessOf(request, body, context.projects);
  const faults = context.channelFaults?.(project.id);
  const channels = project.channels.map(({ id, name, kind }) => {
    const fault = faults?.get(name);
    return { id, name, kind, ...(fault === undefined ? {} : { last_error: fault }) };
  });
  return { json: { channels } };
};

/** `GET badges/`: the addresses of the badges of all tags, and of all checks. */
export const listBadges: Handler = ({ request, body, context: { projects, store, secret, externalUrl } }) => {
  const { project } = accessOf(request, body, projects);
  const tags = new Set(store.ofProject(project.id).flatMap(({ definition }) => definition.tags));
  const urlsOf = (tag: string): object =>
    Object.fromEntries(
      BADGE_FORMATS.flatMap((format) => [
        [format, externalUrl + badgePath(project, { tag, format, showsLate: false }, secret)],
        [`${format}3`, externalUrl + badgePath(project, { tag, format, showsLate: true }, secret)],
      ]),
    );
  const names = [...[...tags].filter((tag) => tag !== ALL_CHECKS).toSorted(), ALL_CHECKS];
  return { json: { badges: Object.fromEntries(names.map((tag) => [tag, urlsOf(tag)])) } };
};

/** `GET status/`: whether checks can be changed now. */
export const getStatus: Handler = async ({ context }) => {
  await context.probe();
  return { bytes: "OK", contentType: "text/plain; charset=utf-8" };
};
