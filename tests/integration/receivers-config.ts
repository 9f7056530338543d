import { parseAlertmanagerConfig } from "@monotreme/alertmanager-config";
import { createSilentLogger } from "@monotreme/telemetry";
import {
  type ConfiguredIntegration,
  createIntegrations,
  createNotification,
  createNotificationTemplates,
  DeliveryError,
  type DeliveryResult,
  type IntegrationContext,
  type Notification,
  type NotificationAlert,
  type NotificationInput,
  type TemplateFile,
} from "@monotreme/receivers";

/** 2026-01-02 03:04:05 UTC. */
export const FLUSH_MS = Date.UTC(2026, 0, 2, 3, 4, 5);

export const FIRING: NotificationAlert = {
  labels: { alertname: "HighLoad", instance: "web-1" },
  annotations: { summary: "load > 9 & rising" },
  startsAt: "2026-01-02T03:00:00.120Z",
  endsAt: null,
  generatorUrl: "http://prometheus.example/graph?g0.expr=up&g0.tab=1",
  fingerprint: "00000000000000aa",
};

export const RESOLVED: NotificationAlert = {
  ...FIRING,
  labels: { alertname: "HighLoad", instance: "web-2" },
  endsAt: "2026-01-02T03:04:00.000Z",
  fingerprint: "00000000000000bb",
};

/** SHA-256 of the group key below. */
export const GROUP_HASH = "196cd8f79681ecfe82cc3e2d31612835c7d1ce897fd702ce61839eace2d49e26";

export const GROUP_KEY = '{}:{alertname="HighLoad"}';

/** A notification of the group `HighLoad`; one firing alert where none are given. */
export function notificationOf(input: Partial<NotificationInput> = {}): Notification {
  return createNotification({
    receiver: "team",
    groupKey: GROUP_KEY,
    groupLabels: { alertname: "HighLoad" },
    routeLabels: {},
    reason: "first notification",
    alerts: [FIRING],
    flushMs: FLUSH_MS,
    receiverData: {},
    externalUrl: "http://am.example",
    ...input,
  });
}

export interface ReceiverUnderTest {
  readonly integrations: readonly ConfiguredIntegration[];
  /** The integrations whose templates failed. */
  readonly templateFailures: readonly string[];
  /** Sends by the first integration. */
  send(notification?: Notification, signal?: AbortSignal): Promise<DeliveryResult>;
  close(): void;
}

/** A receiver as a user writes it: the YAML below its name. */
export function receiverOf(
  yaml: string,
  options: { readonly global?: string; readonly files?: readonly TemplateFile[] } & Partial<IntegrationContext> = {},
): ReceiverUnderTest {
  const body = yaml
    .trim()
    .split("\n")
    .map((line) => `  ${line}`)
    .join("\n");
  const text = `${options.global ?? ""}\nroute: {receiver: team}\nreceivers:\n- name: team\n${body}\n`;
  const [receiver] = parseAlertmanagerConfig({ text, fileName: "alertmanager.yml", folder: "/" }).receivers;
  if (receiver === undefined) throw new Error("the configuration has no receiver");
  const templateFailures: string[] = [];
  const now = (): number => FLUSH_MS;
  const integrations = createIntegrations(receiver, {
    templates: createNotificationTemplates(options.files ?? [], { now }),
    externalUrl: "http://am.example",
    logger: createSilentLogger(),
    now,
    onTemplateFailure: (integration) => templateFailures.push(integration),
    ...options,
  });
  return {
    integrations,
    templateFailures,
    send: async (notification = notificationOf(), signal = AbortSignal.timeout(10_000)) => {
      const [first] = integrations;
      if (first === undefined) throw new Error("the receiver has no integration");
      return first.integration.send(notification, signal);
    },
    close: () => {
      for (const { integration } of integrations) integration.close();
    },
  };
}

/** The error of a delivery that must fail. */
export async function failureOf(delivery: Promise<DeliveryResult>): Promise<DeliveryError> {
  const error = await delivery.then(
    () => new Error("the delivery succeeded"),
    (thrown: unknown) => thrown,
  );
  if (error instanceof DeliveryError) return error;
  throw error;
}
