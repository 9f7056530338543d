import type { FastifyInstance } from "@monotreme/http";
import { z } from "zod";
import { isResolvedAt } from "../../alerts/alert.ts";
import { acknowledge } from "../../silences/acknowledge.ts";
import type { ApiContext } from "../api-context.ts";
import { BadRequestError } from "../request/api-errors.ts";
import { dateTimeSchema, readBody } from "../request/read-body.ts";

/** An alert that fires on for that long is worth another look. */
const DEFAULT_LENGTH_MS = 30 * 86_400_000;

export const acknowledgementSchema = z.object({
  comment: z.string().nullish(),
  createdBy: z.string(),
  endsAt: dateTimeSchema.nullish(),
  fingerprints: z.array(z.string()).min(1).max(1000),
});

/** `POST /alerts/acknowledge`: our own addition, silences that last until their alerts are resolved. */
export function addAcknowledgeRoute(app: FastifyInstance, { alerts, silences, now }: ApiContext): void {
  app.post("/alerts/acknowledge", async (request) => {
    const { fingerprints, createdBy, comment, endsAt } = readBody(request, "acknowledgement", acknowledgementSchema);
    const nowMs = now();
    const untilMs = endsAt ?? nowMs + DEFAULT_LENGTH_MS;
    if (untilMs <= nowMs) throw new BadRequestError("failed to acknowledge: end time can't be in the past");
    const firing = fingerprints.map((fingerprint) => {
      const alert = alerts.get(fingerprint);
      if (alert !== undefined && !isResolvedAt(alert, nowMs)) return alert;
      throw new BadRequestError(`failed to acknowledge: no alert ${JSON.stringify(fingerprint)} is firing`);
    });
    const silenceIDs: string[] = [];
    for (const alert of firing) {
      silenceIDs.push(await silences.set(acknowledge(alert, { createdBy, comment: comment ?? "", untilMs }, nowMs)));
    }
    return { silenceIDs };
  });
}
