import type { FastifyInstance, FastifyReply } from "@monotreme/http";
import { isResolvedAt } from "../../alerts/alert.ts";
import { alertsFromPosted } from "../../alerts/posted-alerts.ts";
import type { GroupView } from "../../engine/alert-views.ts";
import type { ApiContext } from "../api-context.ts";
import { BadRequestError } from "../request/api-errors.ts";
import { flagOf } from "../request/query-parameters.ts";
import { readBody } from "../request/read-body.ts";
import { alertJson, postableAlertsSchema, postedAlertsFrom, type ShownAlert } from "./alert-json.ts";
import { selectionFrom } from "./select-alerts.ts";

const NOBODY: readonly string[] = [];

/** `GET` and `POST /alerts`, `GET /alerts/groups`. */
export function addAlertRoutes(app: FastifyInstance, context: ApiContext): void {
  const { alerts } = context;

  app.get("/alerts", async (request, reply) => {
    const selection = selectionFrom(request, context);
    const shown: ShownAlert[] = [];
    for (const alert of alerts.values()) {
      const status = selection.statusToShow(alert);
      if (status === undefined) continue;
      const receivers = context.views.receiversOf(alert);
      if (receivers.some((name) => selection.acceptsReceiver(name))) {
        shown.push({ alert, status, receivers, mutedBy: NOBODY });
      }
    }
    shown.sort((left, right) => (left.alert.fingerprint < right.alert.fingerprint ? -1 : 1));
    return sendJson(reply, `[${shown.map(alertJson).join(",")}]`);
  });

  app.get("/alerts/groups", async (request, reply) => {
    const selection = selectionFrom(request, context);
    const isMutedShown = flagOf(request, "muted", true);
    const groups = context.views.groups((alert) => selection.statusToShow(alert) !== undefined);
    const texts = groups
      .filter(({ receiver, mutedBy }) => selection.acceptsReceiver(receiver) && (isMutedShown || mutedBy.length === 0))
      .map((group) => groupJson(group, context));
    return sendJson(reply, `[${texts.join(",")}]`);
  });

  app.post("/alerts", async (request, reply) => {
    await takeAlerts(postedAlertsFrom(readBody(request, "alerts", postableAlertsSchema)), context);
    return reply.code(200).send();
  });
}

function groupJson({ labels, routeLabels, receiver, alerts, mutedBy }: GroupView, { views }: ApiContext): string {
  const members = alerts.map((alert) =>
    alertJson({ alert, status: views.statusOf(alert), receivers: views.receiversOf(alert), mutedBy }),
  );
  const rest = JSON.stringify({ labels, receiver: { name: receiver }, routeLabels });
  return `{"alerts":[${members.join(",")}],${rest.slice(1)}`;
}

function sendJson(reply: FastifyReply, text: string): FastifyReply {
  return reply.type("application/json; charset=utf-8").send(text);
}

/** Keeps the alerts that are valid, also where others are not; then the sender is told of those. */
async function takeAlerts(posted: ReturnType<typeof postedAlertsFrom>, context: ApiContext): Promise<void> {
  const { intake, now, resolveTimeoutMs, isClassicMode } = context;
  const nowMs = now();
  const options = { nowMs, resolveTimeoutMs: resolveTimeoutMs(), isClassicMode };
  const { alerts, errors } = alertsFromPosted(posted, options);
  for (const alert of alerts) {
    intake.received.inc({ status: isResolvedAt(alert, nowMs) ? "resolved" : "firing", version: "v2" });
  }
  intake.invalid.inc({ version: "v2" }, errors.length);
  await context.alerts.put(alerts);
  if (errors.length > 0) throw new BadRequestError(errors.join("; "));
}
