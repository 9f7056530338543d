import { LabelMatcher, MATCH_OPERATORS } from "@monotreme/alertmanager-config";
import { createApp, type FastifyInstance } from "@monotreme/http";
import { createSilentLogger, Registry } from "@monotreme/telemetry";
import { createAlertmanagerMetrics } from "../metrics.ts";
import { SilenceFixture } from "../silences/silence-fixture.ts";
import type { SilenceStoreOptions } from "../silences/silence-store.ts";
import { type ApiRoutesOptions, apiRoutes } from "./api-routes.ts";

export interface ApiAnswer {
  readonly status: number;
  readonly body: string;
  readonly headers: Readonly<Record<string, unknown>>;
}

/** The API over stores in memory, on the clock of `silences`. */
export class ApiFixture {
  readonly silences = new SilenceFixture();
  readonly registry = new Registry();
  #app: FastifyInstance | undefined;

  async open(options: Partial<ApiRoutesOptions> & { readonly silences?: Partial<SilenceStoreOptions> } = {}) {
    const logger = createSilentLogger();
    const { registry } = this;
    const app = createApp({ telemetry: { logger, registry }, bodyLimitBytes: 10_000 });
    const silences = await this.silences.open(options.silences);
    await app.register(
      apiRoutes({
        context: {
          silences,
          info: {
            startedMs: Date.UTC(2026, 0, 1),
            renderConfig: () => "route:\n  receiver: default\n",
            receivers: () => [
              { name: "default", labels: { name: "default" } },
              { name: "team", labels: { name: "team", owner: "db" } },
            ],
            cluster: () => ({ name: "one", status: "ready", peers: [{ name: "one", address: "127.0.0.1:9093" }] }),
          },
          parseMatcher,
          now: () => this.silences.nowMs,
        },
        logger,
        metrics: createAlertmanagerMetrics(registry).http,
        maxConcurrentGets: 8,
        timeoutMs: 0,
        reload: async () => undefined,
        ...options,
      }),
    );
    this.#app = app;
    return silences;
  }

  async ask(method: "GET" | "POST" | "DELETE" | "PUT" | "OPTIONS", url: string, body?: unknown): Promise<ApiAnswer> {
    const payload = body === undefined ? {} : { payload: typeof body === "string" ? body : JSON.stringify(body) };
    return this.send(method, url, { ...payload, ...(body === undefined ? {} : { type: "application/json" }) });
  }

  async send(
    method: "GET" | "POST" | "DELETE" | "PUT" | "OPTIONS",
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

/** Enough of the syntax for the tests of the API; the real one is the configuration's. */
function parseMatcher(text: string): LabelMatcher {
  const match = /^(\w+)(=~|!~|!=|=)"?([^"]*)"?$/.exec(text);
  const operator = MATCH_OPERATORS.find((known) => known === match?.[2]);
  if (match === null || operator === undefined) throw new Error(text);
  return new LabelMatcher(operator, match[1] ?? "", match[3] ?? "");
}
