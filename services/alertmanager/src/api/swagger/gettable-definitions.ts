const TEXT = { type: "string" } as const;
const TIME = { type: "string", format: "date-time" } as const;
const COUNT = { type: "integer" } as const;
const LABELS = { type: "object", additionalProperties: TEXT } as const;
const TEXTS = { type: "array", items: TEXT } as const;
const NAMED = { type: "object", properties: { name: TEXT }, required: ["name"] } as const;

function object(properties: Readonly<Record<string, unknown>>): object {
  return { type: "object", properties };
}

const MATCHER = object({
  name: TEXT,
  value: TEXT,
  isRegex: { type: "boolean" },
  isEqual: { type: "boolean", default: true },
});

const GETTABLE_ALERT = object({
  labels: LABELS,
  annotations: LABELS,
  startsAt: TIME,
  endsAt: TIME,
  updatedAt: TIME,
  generatorURL: { type: "string", format: "uri" },
  fingerprint: TEXT,
  receivers: { type: "array", items: NAMED },
  status: object({
    state: { type: "string", enum: ["unprocessed", "active", "suppressed"] },
    silencedBy: TEXTS,
    inhibitedBy: TEXTS,
    mutedBy: TEXTS,
  }),
});

/** What the API answers with, by the names that the document gives it. */
export const GETTABLE_DEFINITIONS: Readonly<Record<string, object>> = {
  status: object({
    cluster: object({
      name: TEXT,
      status: { type: "string", enum: ["ready", "settling", "disabled"] },
      peers: { type: "array", items: object({ name: TEXT, address: TEXT }) },
    }),
    versionInfo: object({
      version: TEXT,
      revision: TEXT,
      branch: TEXT,
      buildUser: TEXT,
      buildDate: TEXT,
      goVersion: TEXT,
    }),
    config: object({ original: TEXT }),
    uptime: TIME,
  }),
  receiver: object({ name: TEXT, labels: LABELS }),
  silenceId: object({ silenceID: TEXT }),
  gettableSilence: object({
    id: TEXT,
    status: object({ state: { type: "string", enum: ["expired", "active", "pending"] } }),
    updatedAt: TIME,
    startsAt: TIME,
    endsAt: TIME,
    createdBy: TEXT,
    comment: TEXT,
    annotations: LABELS,
    matchers: { type: "array", items: MATCHER },
  }),
  gettableAlert: GETTABLE_ALERT,
  alertGroup: object({
    labels: LABELS,
    routeLabels: LABELS,
    receiver: NAMED,
    alerts: { type: "array", items: { $ref: "#/definitions/gettableAlert" } },
  }),
  alertRecord: object({
    at: TIME,
    change: { type: "string", enum: ["firing", "resolved"] },
    fingerprint: TEXT,
    labels: LABELS,
    annotations: LABELS,
    startsAt: TIME,
    generatorURL: TEXT,
  }),
  notificationRecord: object({
    at: TIME,
    flushedAt: TIME,
    outcome: { type: "string", enum: ["sent", "failed"] },
    groupKey: TEXT,
    groupLabels: LABELS,
    receiver: TEXT,
    integration: TEXT,
    integrationIndex: COUNT,
    notificationReason: TEXT,
    attempts: COUNT,
    firing: TEXTS,
    resolved: TEXTS,
    error: TEXT,
  }),
  failedNotification: object({
    id: TEXT,
    groupKey: TEXT,
    receiver: TEXT,
    integration: TEXT,
    integrationIndex: COUNT,
    alertCount: COUNT,
    flushedAt: TIME,
    failedAt: TIME,
    attempts: COUNT,
    reason: TEXT,
    message: TEXT,
  }),
};
