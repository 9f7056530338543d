import type { FastifyInstance } from "@monotreme/http";
import type { FailedDeliveries } from "../../delivery/failed-deliveries.ts";
import { formatDateTime } from "../request/date-time.ts";
import { limitOf } from "./history.ts";

interface FailedNotificationsOptions {
  readonly failedDeliveries: FailedDeliveries;
}

/** `GET /notifications/failed` and `POST /notifications/failed/{id}/retry`: our own addition. */
export function addFailedNotificationRoutes(
  app: FastifyInstance,
  { failedDeliveries }: FailedNotificationsOptions,
): void {
  app.get("/notifications/failed", async (request) => {
    const failed = await failedDeliveries.list(limitOf(request));
    return failed.map(({ flushMs, failedAtMs, ...one }) => ({
      ...one,
      flushedAt: formatDateTime(flushMs),
      failedAt: formatDateTime(failedAtMs),
    }));
  });

  app.post("/notifications/failed/:id/retry", async (request, reply) => {
    const { params } = request;
    const id: unknown = typeof params === "object" && params !== null ? Reflect.get(params, "id") : undefined;
    const isKnown = typeof id === "string" && (await failedDeliveries.retry(id));
    return reply.code(isKnown ? 200 : 404).send();
  });
}
