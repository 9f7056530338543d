import { z } from "zod";
import type { Alert } from "../../alerts/alert.ts";
import type { PostedAlert } from "../../alerts/posted-alerts.ts";
import type { AlertStatus } from "../../engine/alert-views.ts";
import { formatDateTime, ZERO_TIME_MS } from "../request/date-time.ts";
import { dateTimeSchema } from "../request/read-body.ts";

/** Absolute, or a path from the root; an empty one is none. */
const uriSchema = z
  .string()
  .superRefine((text, context) => {
    if (text === "" || text.startsWith("/") || URL.canParse(text)) return;
    const message = `must be of type uri: ${JSON.stringify(text)}`;
    context.addIssue({ code: "custom", message, params: { isFormat: true } });
  })
  .meta({ format: "uri" });

const postableAlertSchema = z.object({
  annotations: z.record(z.string(), z.string()).nullish(),
  endsAt: dateTimeSchema.nullish(),
  generatorURL: uriSchema.nullish(),
  labels: z.record(z.string(), z.string()),
  startsAt: dateTimeSchema.nullish(),
});

export const postableAlertsSchema = z.array(postableAlertSchema).nullable();

export function postedAlertsFrom(body: z.output<typeof postableAlertsSchema>): PostedAlert[] {
  return (body ?? []).map(({ labels, annotations, startsAt, endsAt, generatorURL }) => ({
    labels,
    annotations: annotations ?? {},
    startsAtMs: givenTime(startsAt),
    endsAtMs: givenTime(endsAt),
    generatorUrl: generatorURL ?? "",
  }));
}

/** Go clients write their zero time for a time that they do not give. */
function givenTime(timestampMs: number | null | undefined): number | undefined {
  return timestampMs === null || timestampMs === ZERO_TIME_MS ? undefined : timestampMs;
}

export interface ShownAlert {
  readonly alert: Alert;
  readonly status: AlertStatus;
  readonly receivers: readonly string[];
  readonly mutedBy: readonly string[];
}

/** What of an alert's text stays the same until it is sent again: before its receivers, and after its status. */
interface FixedText {
  readonly before: string;
  readonly between: string;
  readonly after: string;
}

/** Lists of many thousand alerts are asked for again and again, so each alert is written once. */
const fixedTexts = new WeakMap<Alert, FixedText>();

function fixedTextOf(alert: Alert): FixedText {
  const known = fixedTexts.get(alert);
  if (known !== undefined) return known;
  const { annotations, labels, fingerprint, generatorUrl } = alert;
  const text = {
    before: `{"annotations":${JSON.stringify(annotations)},"endsAt":"${formatDateTime(alert.endsAtMs)}","fingerprint":"${fingerprint}","receivers":`,
    between: `,"startsAt":"${formatDateTime(alert.startsAtMs)}","status":`,
    after: `,"updatedAt":"${formatDateTime(alert.updatedAtMs)}","generatorURL":${JSON.stringify(generatorUrl)},"labels":${JSON.stringify(labels)}}`,
  };
  fixedTexts.set(alert, text);
  return text;
}

const ACTIVE = '{"inhibitedBy":[],"mutedBy":[],"silencedBy":[],"state":"active"}';

/** An alert as the API shows it, as JSON. One that a time interval mutes is suppressed, whatever else holds. */
export function alertJson({ alert, status, receivers, mutedBy }: ShownAlert): string {
  const { before, between, after } = fixedTextOf(alert);
  const { inhibitedBy, silencedBy } = status;
  const isPlain = status.state === "active" && mutedBy.length + inhibitedBy.length + silencedBy.length === 0;
  const state = mutedBy.length > 0 ? "suppressed" : status.state;
  const statusText = isPlain ? ACTIVE : JSON.stringify({ inhibitedBy, mutedBy, silencedBy, state });
  return before + JSON.stringify(receivers.map((name) => ({ name }))) + between + statusText + after;
}
