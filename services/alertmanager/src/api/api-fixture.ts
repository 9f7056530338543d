import { createMatcherParser } from "@monotreme/alertmanager-config";
import { FakeClock } from "@monotreme/clock/testing";
import { createApp, type FastifyInstance } from "@monotreme/http";
import { createSilentLogger, Registry } from "@monotreme/telemetry";
import type { Alert } from "../alerts/alert.ts";
import type { AlertBucket } from "../alerts/alert-bucket.ts";
import { AlertStore } from "../alerts/alert-store.ts";
import type { AlertStatus, AlertViews, GroupView } from "../engine/alert-views.ts";
import type { FailedDeliveries, FailedDelivery } from "../delivery/failed-deliveries.ts";
import { MemoryHistory } from "../history/memory-history.ts";
import { createAlertmanagerMetrics } from "../metrics.ts";
import { MemoryTokenBucket, SilenceFixture } from "../silences/silence-fixture.ts";
import type { SilenceStore, SilenceStoreOptions } from "../silences/silence-store.ts";
import { SilenceTokens } from "../silences/silence-tokens.ts";
import { type ApiRoutesOptions, apiRoutes } from "./api-routes.ts";

export interface ApiAnswer {
  readonly status: number;
  readonly body: string;
  readonly headers: Readonly<Record<string, unknown>>;
}

type Method = "GET" | "POST" | "DELETE" | "PUT" | "OPTIONS";

interface FixtureOptions extends Partial<ApiRoutesOptions> {
  readonly silences?: Partial<SilenceStoreOptions>;
}

/** The API over stores in memory, on the clock of `silences`. */
export class ApiFixture {
  readonly silences = new SilenceFixture();
  readonly registry = new Registry();
  readonly views = new FixtureViews();
  readonly history = new MemoryHistory();
  readonly failedDeliveries = new FixtureFailures();
  #app: FastifyInstance | undefined;
  #alerts: AlertStore | undefined;
  #tokens: SilenceTokens | undefined;

  get tokens(): SilenceTokens {
    if (this.#tokens === undefined) throw new Error("open the fixture first");
    return this.#tokens;
  }

  get alerts(): AlertStore {
    if (this.#alerts === undefined) throw new Error("open the fixture first");
    return this.#alerts;
  }

  async open({ silences: silenceOptions, ...options }: FixtureOptions = {}): Promise<SilenceStore> {
    const logger = createSilentLogger();
    const { registry } = this;
    const metrics = createAlertmanagerMetrics(registry);
    const app = createApp({ telemetry: { logger, registry }, bodyLimitBytes: 10_000 });
    const silences = await this.silences.open(silenceOptions);
    this.views.silences = silences;
    this.#tokens = new SilenceTokens({
      bucket: new MemoryTokenBucket(),
      silences,
      now: () => this.silences.nowMs,
      lifetimeMs: 3_600_000,
    });
    const clock = new FakeClock(this.silences.nowMs);
    this.#alerts = await AlertStore.open({ bucket: new MemoryAlertBucket(), clock, logger });
    await app.register(
      apiRoutes({
        context: {
          alerts: this.#alerts,
          views: this.views,
          silences,
          tokens: this.tokens,
          history: this.history,
          failedDeliveries: this.failedDeliveries,
          info: INFO,
          parseMatcher: (text) => createMatcherParser("fallback").parseMatcher(text),
          intake: metrics.intake,
          resolveTimeoutMs: () => 300_000,
          isClassicMode: false,
          now: () => this.silences.nowMs,
        },
        logger,
        metrics: metrics.http,
        maxConcurrentGets: 8,
        timeoutMs: 0,
        routePrefix: "",
        reload: async () => undefined,
        ...options,
      }),
    );
    this.#app = app;
    return silences;
  }

  async ask(method: Method, url: string, body?: unknown): Promise<ApiAnswer> {
    const payload = body === undefined ? {} : { payload: typeof body === "string" ? body : JSON.stringify(body) };
    return this.send(method, url, { ...payload, ...(body === undefined ? {} : { type: "application/json" }) });
  }

  async send(
    method: Method,
    url: string,
    { payload, type }: { readonly payload?: string; readonly type?: string },
  ): Promise<ApiAnswer> {
    if (this.#app === undefined) throw new Error("open the fixture first");
    const answer = await this.#app.inject({
      method,
      url,
      ...(payload === undefined ? {} : { payload }),
      ...(type === undefined ? {} : { headers: { "content-type": type } }),
    });
    return { status: answer.statusCode, body: answer.body, headers: answer.headers };
  }
}

const INFO = {
  startedMs: Date.UTC(2026, 0, 1),
  renderConfig: () => "route:\n  receiver: default\n",
  receivers: () => [
    { name: "default", labels: { name: "default" } },
    { name: "team", labels: { name: "team", owner: "db" } },
  ],
  cluster: () => ({ name: "one", status: "ready", peers: [{ name: "one", address: "127.0.0.1:9093" }] }) as const,
};

class MemoryAlertBucket implements AlertBucket {
  async follow(): Promise<void> {
    // Nothing is there, and nobody else writes.
  }

  async put(): Promise<void> {
    // The store itself keeps it.
  }

  async remove(): Promise<void> {
    // The store itself forgets it.
  }

  async close(): Promise<void> {
    // Nothing is open.
  }
}

/** Alerts of team "db" go to the receivers `team` and `default`, others to `default`; each receiver has one group. */
class FixtureViews implements AlertViews {
  readonly inhibited = new Set<string>();
  readonly alerts: Alert[] = [];
  mutedBy: readonly string[] = [];
  silences: SilenceStore | undefined;

  receiversOf({ labels }: Alert): readonly string[] {
    return labels["team"] === "db" ? ["team", "default"] : ["default"];
  }

  statusOf({ labels, fingerprint }: Alert): AlertStatus {
    const silencedBy = this.silences?.silencedBy(labels) ?? [];
    const inhibitedBy = this.inhibited.has(fingerprint) ? ["00000000000000aa"] : [];
    return { state: silencedBy.length + inhibitedBy.length > 0 ? "suppressed" : "active", silencedBy, inhibitedBy };
  }

  groups(accepts: (alert: Alert) => boolean): readonly GroupView[] {
    return ["default", "team"].map((receiver) => ({
      groupKey: `{}:{receiver="${receiver}"}`,
      routeId: "{}",
      labels: { receiver },
      routeLabels: {},
      receiver,
      alerts: this.alerts.filter((alert) => this.receiversOf(alert).includes(receiver) && accepts(alert)),
      mutedBy: receiver === "team" ? this.mutedBy : [],
    }));
  }
}

/** One failure, which can be tried again. */
class FixtureFailures implements FailedDeliveries {
  readonly retried: string[] = [];

  async list(limit: number): Promise<readonly FailedDelivery[]> {
    const one: FailedDelivery = {
      id: "job:1",
      groupKey: "{}:{}",
      receiver: "team",
      integration: "webhook",
      integrationIndex: 0,
      alertCount: 2,
      flushMs: Date.UTC(2026, 0, 1),
      failedAtMs: Date.UTC(2026, 0, 2),
      attempts: 3,
      reason: "serverError",
      message: "unexpected status code 500",
    };
    return [one].slice(0, limit);
  }

  async retry(id: string): Promise<boolean> {
    this.retried.push(id);
    return id === "job:1";
  }
}
