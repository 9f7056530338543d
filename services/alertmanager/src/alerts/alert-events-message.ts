import { type AlertEventsMessage, DEFAULT_TENANT } from "@monotreme/contracts";
import { z } from "zod";
import type { LabelSet } from "./alert.ts";
import { instantFrom } from "./instant.ts";
import type { PostedAlert } from "./posted-alerts.ts";

const labelSet = z.record(z.string(), z.string());

const messageSchema: z.ZodType<AlertEventsMessage> = z.object({
  tenant: z.string(),
  alerts: z.array(
    z.object({
      labels: labelSet,
      annotations: labelSet,
      startsAt: z.string(),
      endsAt: z.string(),
      generatorURL: z.string(),
    }),
  ),
});

/** The label that keeps alerts of different tenants apart; those of the default tenant have none. */
export const TENANT_LABEL = "tenant";

/** Undefined for bytes that are no message of alert events, as a whole. */
export function postedAlertsFromMessage(bytes: Uint8Array): readonly PostedAlert[] | undefined {
  const result = messageSchema.safeParse(parse(bytes));
  if (!result.success) return undefined;
  const { tenant, alerts } = result.data;
  return alerts.map(({ labels, annotations, startsAt, endsAt, generatorURL }) => ({
    labels: withTenant(labels, tenant),
    annotations,
    startsAtMs: instantFrom(startsAt),
    endsAtMs: instantFrom(endsAt),
    generatorUrl: generatorURL,
  }));
}

function parse(bytes: Uint8Array): unknown {
  try {
    return JSON.parse(new TextDecoder().decode(bytes));
  } catch {
    return undefined;
  }
}

function withTenant(labels: LabelSet, tenant: string): LabelSet {
  if (tenant === DEFAULT_TENANT || Object.hasOwn(labels, TENANT_LABEL)) return labels;
  return { ...labels, [TENANT_LABEL]: tenant };
}
