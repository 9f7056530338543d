import type { AlertmanagersAnswer, RulesPart } from "@monotreme/contracts";
import { AppError, messageOf } from "@monotreme/errors";
import { z } from "zod";

const texts = z.record(z.string(), z.string());

const alert = z.object({
  labels: texts,
  annotations: texts,
  state: z.enum(["pending", "firing"]),
  activeAt: z.string(),
  keepFiringSince: z.string().exactOptional(),
  value: z.string(),
});

const base = {
  name: z.string(),
  query: z.string(),
  labels: texts,
  health: z.enum(["unknown", "ok", "err"]),
  lastError: z.string().exactOptional(),
  evaluationTime: z.number(),
  lastEvaluation: z.string(),
};

const rule = z.discriminatedUnion("type", [
  z.object({ ...base, type: z.literal("recording") }),
  z.object({
    ...base,
    type: z.literal("alerting"),
    state: z.enum(["unknown", "inactive", "pending", "firing"]),
    duration: z.number(),
    keepFiringFor: z.number(),
    annotations: texts,
    alerts: z.array(alert),
  }),
]);

const rulesPart = z.object({
  replica: z.string(),
  isLast: z.boolean(),
  groups: z.array(
    z.object({
      name: z.string(),
      file: z.string(),
      rules: z.array(rule),
      interval: z.number(),
      limit: z.number(),
      evaluationTime: z.number(),
      lastEvaluation: z.string(),
      continuesRule: z.boolean().exactOptional(),
    }),
  ),
  warnings: z.array(z.string()),
});

const alertmanagersAnswer = z.object({
  replica: z.string(),
  active: z.array(z.string()),
  dropped: z.array(z.string()),
});

export function decodeRulesPart(data: Uint8Array): RulesPart {
  return decode(data, rulesPart);
}

export function decodeAlertmanagers(data: Uint8Array): AlertmanagersAnswer {
  return decode(data, alertmanagersAnswer);
}

function decode<T>(data: Uint8Array, schema: z.ZodType<T>): T {
  try {
    return schema.parse(JSON.parse(Buffer.from(data).toString()));
  } catch (error) {
    const text = `a ruler's answer cannot be read: ${messageOf(error)}`;
    throw new AppError("QUERY_RULES_UNREADABLE", "internal", text, { cause: error });
  }
}
