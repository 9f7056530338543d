import { z } from "zod";
import { type Silence, type SilenceRequest, silenceStateAt } from "../../silences/silence.ts";
import { formatDateTime } from "../request/date-time.ts";
import { dateTimeSchema } from "../request/read-body.ts";

/** Fields stand in the order in which upstream names what is missing. */
const matcherSchema = z.object({
  isEqual: z.boolean().nullish(),
  isRegex: z.boolean(),
  name: z.string(),
  value: z.string(),
});

export const postableSilenceSchema = z.object({
  annotations: z.record(z.string(), z.string()).nullish(),
  comment: z.string(),
  createdBy: z.string(),
  endsAt: dateTimeSchema,
  id: z.string().nullish(),
  matchers: z.array(matcherSchema).min(1),
  startsAt: dateTimeSchema,
});

type PostableSilence = z.output<typeof postableSilenceSchema>;

export function silenceRequestFrom(body: PostableSilence): SilenceRequest {
  const { id, startsAt, endsAt, createdBy, comment, annotations } = body;
  return {
    ...(id === null || id === undefined || id === "" ? {} : { id }),
    matchers: body.matchers.map(({ name, value, isRegex, isEqual }) => ({
      name,
      value,
      isRegex,
      isEqual: isEqual ?? true,
    })),
    startsAtMs: startsAt,
    endsAtMs: endsAt,
    createdBy,
    comment,
    annotations: annotations ?? {},
  };
}

/** A silence as the API shows it; annotations only where there are any. */
export function silenceJson(silence: Silence, nowMs: number): object {
  const hasAnnotations = Object.keys(silence.annotations).length > 0;
  return {
    id: silence.id,
    status: { state: silenceStateAt(silence, nowMs) },
    updatedAt: formatDateTime(silence.updatedAtMs),
    ...(hasAnnotations ? { annotations: silence.annotations } : {}),
    comment: silence.comment,
    createdBy: silence.createdBy,
    endsAt: formatDateTime(silence.endsAtMs),
    matchers: silence.matchers.map(({ name, value, isRegex, isEqual }) => ({ isEqual, isRegex, name, value })),
    startsAt: formatDateTime(silence.startsAtMs),
  };
}
