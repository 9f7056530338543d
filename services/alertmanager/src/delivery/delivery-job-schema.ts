import { z } from "zod";
import type { NotificationAlert } from "@monotreme/receivers";
import { isLabelSet } from "../alerts/alert.ts";
import type { DeliveryJob } from "./delivery-job.ts";

const labelSet = z.record(z.string(), z.string());

/** Checks what comes out of Redis. */
export const deliveryJobSchema: z.ZodType<DeliveryJob> = z.object({
  id: z.string(),
  logId: z.string(),
  key: z.object({
    groupKey: z.string(),
    receiver: z.string(),
    integration: z.string(),
    integrationIndex: z.number(),
  }),
  flushMs: z.number(),
  deadlineMs: z.number(),
  reason: z.enum([
    "first notification",
    "new alerts added",
    "all alerts resolved",
    "some alerts resolved",
    "repeat interval elapsed",
  ]),
  sendResolved: z.boolean(),
  repeatIntervalMs: z.number(),
  retentionMs: z.number(),
  firing: z.array(z.string()),
  resolved: z.array(z.string()),
  heldBackOpen: z.array(z.string()),
  groupLabels: labelSet,
  routeLabels: labelSet,
  alerts: z.array(z.custom<NotificationAlert>(isNotificationAlert)),
});

/** By hand, because a job may hold many thousands. */
function isNotificationAlert(value: unknown): boolean {
  if (typeof value !== "object" || value === null) return false;
  const alert: Partial<Record<keyof NotificationAlert, unknown>> = value;
  const { labels, annotations, startsAt, endsAt, generatorUrl, fingerprint } = alert;
  const isTexts = typeof startsAt === "string" && typeof generatorUrl === "string" && typeof fingerprint === "string";
  return isTexts && (endsAt === null || typeof endsAt === "string") && isLabelSet(labels) && isLabelSet(annotations);
}
