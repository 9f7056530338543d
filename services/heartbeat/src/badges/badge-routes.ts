import type { FastifyInstance, FastifyReply } from "@monotreme/http";
import { shownStatus } from "../checks/deadline.ts";
import type { HeartbeatContext } from "../routes/heartbeat-context.ts";
import { ALL_CHECKS, BADGE_FORMATS, badgeKeyOf, badgeStatesOf } from "./badge-address.ts";
import { renderBadge, summaryOf } from "./badge-summary.ts";

interface TagBadge {
  Params: { readonly key: string; readonly signature: string; readonly file?: string };
}

interface CheckBadge {
  Params: { readonly states: string; readonly file: string };
}

const LABEL_OF_ALL = "Monotreme";

/** Badges of tags, of all checks, and of one check; who has the address needs no key. */
export function addBadgeRoutes(app: FastifyInstance, context: HeartbeatContext): void {
  app.get<TagBadge>("/badge/:key/:signature/:file", (request, reply) => {
    const { key, signature, file = "" } = request.params;
    return sendTagBadge(context, reply, { key, signature, ...nameAndFormat(file) });
  });
  app.get<TagBadge>("/badge/:key/:signature", (request, reply) => {
    const { name, format } = nameAndFormat(request.params.signature);
    return sendTagBadge(context, reply, { key: request.params.key, signature: name, name: ALL_CHECKS, format });
  });
  app.get<CheckBadge>("/b/:states/:file", (request, reply) => {
    const { name, format } = nameAndFormat(request.params.file);
    const { states } = request.params;
    const check = states === "2" || states === "3" ? context.store.withBadgeKey(name) : undefined;
    if (check === undefined) return sendNotFound(reply);
    const { definition, state, timing } = check;
    const summary = summaryOf([shownStatus(state, timing, context.now())], { showsLate: states === "3" });
    return send(reply, definition.name === "" ? definition.slug : definition.name, summary, format);
  });
}

interface WantedBadge {
  readonly key: string;
  readonly signature: string;
  readonly name: string;
  readonly format: string;
}

function sendTagBadge(
  { projects, store, secret, now }: HeartbeatContext,
  reply: FastifyReply,
  { key, signature, name: tag, format }: WantedBadge,
): FastifyReply {
  const project = projects.all().find((each) => badgeKeyOf(each, secret) === key);
  const states = project === undefined ? undefined : badgeStatesOf(project, tag, signature, secret);
  if (project === undefined || states === undefined) return sendNotFound(reply);
  const nowMs = now();
  const statuses = store
    .ofProject(project.id)
    .filter(({ definition }) => tag === ALL_CHECKS || definition.tags.includes(tag))
    .map(({ state, timing }) => shownStatus(state, timing, nowMs));
  return send(reply, tag === ALL_CHECKS ? LABEL_OF_ALL : tag, summaryOf(statuses, states), format);
}

function send(reply: FastifyReply, label: string, summary: ReturnType<typeof summaryOf>, format: string): FastifyReply {
  const known = BADGE_FORMATS.find((each) => each === format);
  if (known === undefined) return sendNotFound(reply);
  const { text, contentType } = renderBadge(label, summary, known);
  return uncached(reply)
    .headers({
      "Content-Type": contentType,
      // A picture that is opened by itself runs and loads nothing.
      "Content-Security-Policy": "default-src 'none'; style-src 'unsafe-inline'",
      "X-Content-Type-Options": "nosniff",
    })
    .send(text);
}

function sendNotFound(reply: FastifyReply): FastifyReply {
  return uncached(reply).code(404).type("text/plain; charset=utf-8").send("not found");
}

function uncached(reply: FastifyReply): FastifyReply {
  return reply.headers({
    "Access-Control-Allow-Origin": "*",
    "Cache-Control": "max-age=0, no-cache, no-store, must-revalidate, private",
  });
}

/** What stands before and after the last dot. */
function nameAndFormat(file: string): { readonly name: string; readonly format: string } {
  const dotAt = file.lastIndexOf(".");
  return dotAt < 0 ? { name: file, format: "" } : { name: file.slice(0, dotAt), format: file.slice(dotAt + 1) };
}
