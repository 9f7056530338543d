import { createHash } from "node:crypto";

import type { HttpClientConfig } from "@monotreme/prometheus-config";
import {
  createNotification,
  type IntegrationContext,
  type Notification,
  type NotificationAlert,
  type NotificationInput,
  type NotificationTemplates,
} from "@monotreme/receivers";
import { createSilentLogger } from "@monotreme/telemetry";

/** 2026-01-02 03:04:05 UTC. */
export const FLUSH_MS = Date.UTC(2026, 0, 2, 3, 4, 5);

/** An `http_config` that adds nothing. */
export const PLAIN_HTTP: HttpClientConfig = {
  basicAuth: undefined,
  authorization: undefined,
  tls: undefined,
  followRedirects: true,
  headers: {},
};

export interface SampleAlert {
  readonly labels: Readonly<Record<string, string>>;
  readonly annotations?: Readonly<Record<string, string>>;
  readonly isResolved?: boolean;
  readonly generatorUrl?: string;
}

/** An alert with a fingerprint of its labels. */
export function sampleAlert({ labels, annotations = {}, isResolved, generatorUrl }: SampleAlert): NotificationAlert {
  return {
    labels,
    annotations,
    startsAt: "2026-01-02T03:00:00.000Z",
    endsAt: isResolved ? "2026-01-02T03:04:00.000Z" : null,
    generatorUrl: generatorUrl ?? "http://prometheus.example/graph?g0.expr=up",
    fingerprint: createHash("sha256").update(JSON.stringify(labels)).digest("hex").slice(0, 16),
  };
}

/** A notification of the group `InstanceDown`; one firing alert where none are given. */
export function sampleNotification(input: Partial<NotificationInput> = {}): Notification {
  const labels = { alertname: "InstanceDown", instance: "web-1", severity: "critical" };
  return createNotification({
    receiver: "team",
    groupKey: '{}:{alertname="InstanceDown"}',
    groupLabels: { alertname: "InstanceDown" },
    routeLabels: {},
    reason: "first notification",
    alerts: [sampleAlert({ labels, annotations: { summary: "web-1 is down" } })],
    flushMs: FLUSH_MS,
    receiverData: {},
    externalUrl: "http://alertmanager.example",
    ...input,
  });
}

/** Expands `{{ .name }}` of common labels and annotations only, and fails at `{{ fail }}`: enough to see what is expanded. */
const SMALL_TEMPLATES: NotificationTemplates = { text: expand, html: expand };

function expand(text: string, data: Notification["data"]): string {
  if (text.includes("{{ fail }}")) throw new Error("function fail failed");
  return text
    .replace(/\{\{ \.(\w+) \}\}/g, (_match, name: string) => {
      if (name === "status") return data.status;
      return data.commonLabels[name] ?? data.commonAnnotations[name] ?? "";
    })
    .replace(/\{\{ template [^}]*\}\}/g, "");
}

/** What integrations need; `failures` counts templates that failed. */
export function sampleContext(
  overrides: Partial<IntegrationContext> = {},
): IntegrationContext & { readonly failures: string[] } {
  const failures: string[] = [];
  return {
    templates: SMALL_TEMPLATES,
    externalUrl: "http://alertmanager.example",
    logger: createSilentLogger(),
    now: () => FLUSH_MS,
    onTemplateFailure: (integration) => failures.push(integration),
    failures,
    ...overrides,
  };
}
