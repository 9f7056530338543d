import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { readFile, rm, writeFile } from "node:fs/promises";
import { createServer as createTlsServer } from "node:https";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { type Bus, connectBus, ensureStreams, SampleWriter } from "@monotreme/bus";
import {
  type ActiveTarget,
  decodeAnnouncements,
  decodeSampleBatch,
  TARGETS_SUBJECT,
  type TargetsPart,
} from "@monotreme/contracts";
import type { Labels } from "@monotreme/model";
import { type Scraper, startScraping } from "@monotreme/scraper";
import { createSilentLogger, Registry, type Telemetry } from "@monotreme/telemetry";
import {
  createTemporaryFolder,
  eventually,
  startNats,
  type TemporaryFolder,
  type TestServer,
} from "@monotreme/testkit";
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";

const TEXT = "text/plain; version=0.0.4";
const OPEN_METRICS = "application/openmetrics-text; version=1.0.0; charset=utf-8";
const STALE_HIGH = 0x7ff00000;
const STALE_LOW = 2;

type Handler = (request: IncomingMessage, response: ServerResponse) => void;

interface ReadSample {
  readonly labels: Labels;
  readonly timestampMs: number;
  readonly value: number;
  readonly isStale: boolean;
}

let nats: TestServer;
let bus: Bus;
let exporter: Server;
let folder: TemporaryFolder;
let address: string;
const handlers = new Map<string, Handler>();
const requests: IncomingMessage[] = [];
const running: { close(): Promise<void> }[] = [];
const messages: Uint8Array[] = [];

beforeAll(async () => {
  nats = await startNats();
  folder = await createTemporaryFolder("scraper-test");
  bus = await connectBus({ url: nats.url, name: "test", logger: createSilentLogger(), registry: new Registry() });
  await ensureStreams(bus, { samplesMaxBytes: 64e6, deadletterMaxBytes: 1e6, replicas: 1 });
  bus.connection.subscribe("samples.>", { callback: (_, message) => void messages.push(message.data.slice()) });
  exporter = createServer((request, response) => {
    requests.push(request);
    const handler = handlers.get((request.url ?? "").split("?", 1)[0] ?? "");
    if (handler === undefined) response.writeHead(404).end();
    else handler(request, response);
  });
  await new Promise<void>((resolve) => exporter.listen(0, "127.0.0.1", resolve));
  address = `127.0.0.1:${(exporter.address() as AddressInfo).port}`;
});

afterEach(async () => {
  await Promise.all(running.splice(0).map((each) => each.close()));
  handlers.clear();
  requests.length = 0;
  messages.length = 0;
});

afterAll(async () => {
  exporter.closeAllConnections();
  exporter.close();
  await bus.close();
  await nats.stop();
  await folder.remove();
});

async function scrape(yaml: string): Promise<Scraper> {
  const configFile = join(folder.path, "prometheus.yml");
  await writeFile(configFile, yaml);
  const telemetry: Telemetry = { logger: createSilentLogger(), registry: new Registry() };
  const writer = new SampleWriter(bus);
  const scraper = await startScraping({
    bus,
    writer,
    telemetry,
    configFile,
    configAutoReload: false,
    configAutoReloadInterval: 30_000,
    partitions: 1,
    environment: {},
  });
  running.push(scraper);
  return scraper;
}

/** A job that scrapes one path of the exporter every second. */
function jobOf(path: string, fields = ""): string {
  return `global: {scrape_interval: 1s, scrape_timeout: 500ms}
scrape_configs:
- job_name: j
  metrics_path: ${path}
  static_configs: [{targets: ['${address}']}]
  ${fields.replaceAll("\n", "\n  ")}
`;
}

function serve(path: string, contentType: string, body: string | (() => string)): void {
  handlers.set(path, (_, response) => {
    response.writeHead(200, { "content-type": contentType }).end(typeof body === "string" ? body : body());
  });
}

/** All samples published so far, with the labels that were announced for them. */
function published(): ReadSample[] {
  const labelsOf = new Map<string, Labels>();
  const samples: ReadSample[] = [];
  for (const batch of messages.map(decodeSampleBatch)) {
    for (const each of decodeAnnouncements(batch))
      labelsOf.set(`${each.seriesIdHigh}/${each.seriesIdLow}`, each.labels);
    for (let i = 0; i < batch.sampleCount; i++) {
      const at = i * 2;
      const low = batch.values[at] as number;
      const high = batch.values[at + 1] as number;
      const labels = labelsOf.get(`${batch.seriesIds[at + 1]}/${batch.seriesIds[at]}`);
      if (labels === undefined) throw new Error("a sample whose series nobody announced");
      const view = new DataView(new ArrayBuffer(8));
      view.setUint32(0, low, true);
      view.setUint32(4, high, true);
      samples.push({
        labels,
        timestampMs: (batch.timestamps[at + 1] as number) * 2 ** 32 + (batch.timestamps[at] as number),
        value: view.getFloat64(0, true),
        isStale: high === STALE_HIGH && low === STALE_LOW,
      });
    }
  }
  return samples;
}

function samplesOf(metric: string): ReadSample[] {
  return published().filter(({ labels }) => labels.metricName === metric);
}

async function firstUp(value: number): Promise<void> {
  await eventually(() => samplesOf("up").some((sample) => sample.value === value));
}

async function targets(): Promise<ActiveTarget[]> {
  const reply = await bus.connection.request(TARGETS_SUBJECT, "", { timeout: 2000 });
  const part: TargetsPart = JSON.parse(Buffer.from(reply.data).toString());
  return [...part.activeTargets];
}

async function lastError(): Promise<string> {
  return eventually(async () => (await targets())[0]?.lastError || undefined);
}

/** How far a difference is from whole seconds, in ms. */
function distanceFromSecond(differenceMs: number): number {
  const rest = Math.abs(differenceMs) % 1000;
  return Math.min(rest, 1000 - rest);
}

describe("scraper", () => {
  test("scraper - publishes a text body with its labels and the report", async () => {
    serve("/metrics", TEXT, '# TYPE a counter\na{x="1"} 5\nb NaN\n');
    await scrape(jobOf("/metrics"));
    await firstUp(1);
    const [a] = samplesOf("a");
    expect(a?.labels.toObject()).toEqual({ __name__: "a", x: "1", job: "j", instance: address });
    expect(a?.value).toBe(5);
    expect(samplesOf("b")[0]?.isStale).toBe(false);
    const [up] = samplesOf("up");
    expect(up?.timestampMs).toBe(a?.timestampMs);
    expect(samplesOf("scrape_samples_scraped")[0]?.value).toBe(2);
    expect(samplesOf("scrape_series_added")[0]?.value).toBe(2);
  });

  test("scraper - asks as upstream does and reads OpenMetrics in gzip", async () => {
    handlers.set("/metrics", (_, response) => {
      response.writeHead(200, { "content-type": OPEN_METRICS, "content-encoding": "gzip" });
      response.end(gzipSync('# TYPE a counter\na_total 7 # {id="1"} 1\n# EOF\n'));
    });
    await scrape(jobOf("/metrics", "params: {m: [x, y]}\nbasic_auth: {username: u, password: p}"));
    await firstUp(1);
    expect(samplesOf("a_total")[0]?.value).toBe(7);
    expect(requests[0]?.url).toBe("/metrics?m=x&m=y");
    expect(requests[0]?.headers).toMatchObject({
      accept:
        "application/openmetrics-text;version=1.0.0;escaping=allow-utf-8;q=0.6,application/openmetrics-text;version=0.0.1;q=0.5,text/plain;version=1.0.0;escaping=allow-utf-8;q=0.4,text/plain;version=0.0.4;q=0.3,*/*;q=0.2",
      "accept-encoding": "gzip",
      "x-prometheus-scrape-timeout-seconds": "0.5",
      authorization: `Basic ${Buffer.from("u:p").toString("base64")}`,
    });
    expect(requests[0]?.headers["user-agent"]).toMatch(/^Prometheus\//);
  });

  const fails = (name: string, handler: Handler, error: RegExp, fields = "") =>
    test(`scraper - ${name} means down, with the reason`, async () => {
      handlers.set("/metrics", handler);
      await scrape(jobOf("/metrics", fields));
      await firstUp(0);
      expect(await lastError()).toMatch(error);
    });
  fails("an HTML page", (_, r) => r.writeHead(200, { "content-type": "text/html" }).end("<html>"), /text\/html/);
  fails("a status of 500", (_, r) => r.writeHead(500).end(), /server returned HTTP status 500 Internal Server Error/);
  fails("a faulty line", (_, r) => r.writeHead(200, { "content-type": TEXT }).end("a 1\nb x\n"), /line 2/);
  fails(
    "a body that never comes",
    (_, r) => void r.writeHead(200, { "content-type": TEXT }).write("a 1\n"),
    /context deadline exceeded/,
  );
  fails(
    "a broken gzip body",
    (_, r) => r.writeHead(200, { "content-type": TEXT, "content-encoding": "gzip" }).end("no gzip"),
    /incorrect header/,
  );
  fails(
    "a connection cut in the body",
    (_, r) => {
      r.writeHead(200, { "content-type": TEXT, "content-length": "100" });
      r.write("a 1\n");
      setTimeout(() => r.destroy(), 20);
    },
    /aborted|closed|hang up/,
  );
  fails(
    "too many samples",
    (_, r) => r.writeHead(200, { "content-type": TEXT }).end("a 1\nb 1\n"),
    /sample limit exceeded/,
    "sample_limit: 1",
  );
  fails(
    "a redirect that may not be followed",
    (_, r) => r.writeHead(302, { location: "/other" }).end(),
    /HTTP status 302/,
    "follow_redirects: false",
  );
  fails("a redirect loop", (_, r) => r.writeHead(302, { location: "/metrics" }).end(), /stopped after 10 redirects/);

  test("scraper - an endless body is cut at the limit, compressed or not", async () => {
    let isClosed = false;
    handlers.set("/metrics", (_, response) => {
      response.writeHead(200, { "content-type": TEXT });
      const chunk = "# filler\n".repeat(5000);
      const more = (): void => void (response.destroyed || (response.write(chunk), setImmediate(more)));
      response.once("close", () => {
        isClosed = true;
      });
      more();
    });
    await scrape(jobOf("/metrics", "body_size_limit: 1MB\nextra_scrape_metrics: true"));
    await firstUp(0);
    expect(await lastError()).toBe("body size limit exceeded: more than 1MiB");
    expect(samplesOf("scrape_body_size_bytes")[0]?.value).toBe(-1);
    await eventually(() => isClosed);

    handlers.set("/metrics", (_, response) => {
      response.writeHead(200, { "content-type": TEXT, "content-encoding": "gzip" });
      response.end(gzipSync("# filler\n".repeat(1e6)));
    });
    const asked = requests.length;
    await eventually(() => requests.length >= asked + 3);
    expect(await lastError()).toBe("body size limit exceeded: more than 1MiB");
    expect(samplesOf("up").some(({ value }) => value === 1)).toBe(false);
  });

  test("scraper - follows a redirect without carrying credentials to another host", async () => {
    const other = createServer((request, response) => {
      requests.push(request);
      response.writeHead(200, { "content-type": TEXT }).end("a 1\n");
    });
    await new Promise<void>((resolve) => other.listen(0, "127.0.0.1", resolve));
    const { port } = other.address() as AddressInfo;
    handlers.set("/metrics", (_, response) => response.writeHead(302, { location: "/near" }).end());
    handlers.set("/near", (_, response) => response.writeHead(307, { location: `http://127.0.0.1:${port}/far` }).end());
    await scrape(jobOf("/metrics", "authorization: {credentials: c}"));
    await firstUp(1);
    const seen = (path: string): string | undefined =>
      requests.find((request) => request.url === path)?.headers.authorization;
    expect([seen("/metrics"), seen("/near"), seen("/far")]).toEqual(["Bearer c", "Bearer c", undefined]);
    expect(requests.map((request) => request.url)).toContain("/far");
    other.closeAllConnections();
    other.close();
  });

  test("scraper - a kept connection that the target closes is no failure of the target", async () => {
    const used = new WeakSet<object>();
    let cut = 0;
    handlers.set("/metrics", (request, response) => {
      if (used.has(request.socket)) {
        cut++;
        request.socket.destroy();
        return;
      }
      used.add(request.socket);
      response.writeHead(200, { "content-type": TEXT }).end("a 1\n");
    });
    await scrape(jobOf("/metrics"));
    await eventually(() => cut >= 2 && samplesOf("up").length >= 3);
    expect(samplesOf("up").map(({ value }) => value)).not.toContain(0);
  });

  test("scraper - speaks TLS with the job's certificates, also as a client", async () => {
    const fixture = (name: string): string => join(import.meta.dirname, "../fixtures/tls", name);
    const [cert, key] = await Promise.all([
      readFile(fixture("localhost-cert.pem")),
      readFile(fixture("localhost-key.pem")),
    ]);
    const secure = createTlsServer(
      { cert, key, ca: cert, requestCert: true, rejectUnauthorized: false },
      (request, response) => {
        const socket = request.socket;
        const isKnown = "authorized" in socket && socket.authorized === true;
        response.writeHead(200, { "content-type": TEXT }).end(`known_client ${isKnown ? 1 : 0}\n`);
      },
    );
    await new Promise<void>((resolve) => secure.listen(0, "127.0.0.1", resolve));
    const { port } = secure.address() as AddressInfo;
    const files = `cert_file: ${fixture("localhost-cert.pem")}, key_file: ${fixture("localhost-key.pem")}`;
    const job = (name: string, tls: string): string =>
      `- job_name: ${name}\n  scheme: https\n  static_configs: [{targets: ['127.0.0.1:${port}']}]\n  tls_config: {${tls}}\n`;
    await scrape(
      `global: {scrape_interval: 1s}\nscrape_configs:\n${job("strict", "")}${job("lax", "insecure_skip_verify: true")}${job("known", `ca_file: ${fixture("localhost-cert.pem")}, ${files}`)}`,
    );
    const valueOf = (metric: string, name: string): number | undefined =>
      samplesOf(metric).find(({ labels }) => labels.get("job") === name)?.value;
    await eventually(() => ["strict", "lax", "known"].every((name) => valueOf("up", name) !== undefined));
    expect(["strict", "lax", "known"].map((name) => valueOf("up", name))).toEqual([0, 1, 1]);
    expect([valueOf("known_client", "lax"), valueOf("known_client", "known")]).toEqual([0, 1]);
    expect((await targets()).find(({ scrapePool }) => scrapePool === "strict")?.lastError).toMatch(
      /self-signed certificate/,
    );
    secure.closeAllConnections();
    secure.close();
  });

  test("scraper - a vanished series and a failed scrape leave stale markers", async () => {
    let body = "a 1\nb 1\n";
    serve("/metrics", TEXT, () => body);
    await scrape(jobOf("/metrics"));
    await eventually(() => samplesOf("b").length > 0);
    body = "a 1\n";
    await eventually(() => samplesOf("b").some(({ isStale }) => isStale));
    expect(samplesOf("a").some(({ isStale }) => isStale)).toBe(false);
    body = "broken\n";
    await eventually(() => samplesOf("a").some(({ isStale }) => isStale));
    expect(samplesOf("b").filter(({ isStale }) => isStale)).toHaveLength(1);
    const marker = samplesOf("a").find(({ isStale }) => isStale);
    const down = samplesOf("up").find(({ value }) => value === 0);
    expect(marker?.timestampMs).toBe(down?.timestampMs);
  });

  test("scraper - stands on the grid and announces each series once", async () => {
    serve("/metrics", TEXT, "a 1\n");
    await scrape(jobOf("/metrics"));
    // A busy machine may begin some late; those that it does not lie whole seconds apart.
    await eventually(
      () => {
        const times = samplesOf("a").map(({ timestampMs }) => timestampMs);
        const onGrid = times.filter(
          (time) => times.filter((other) => distanceFromSecond(time - other) < 25).length >= 3,
        );
        return onGrid.length >= 3;
      },
      { timeoutMs: 30_000 },
    );
    const names = messages.map(decodeSampleBatch).flatMap((batch) => [...decodeAnnouncements(batch)]);
    // In the last two hours of a day the next one is announced as well.
    const days = names.filter(({ labels }) => labels.metricName === "a").map(({ day }) => day);
    expect(days.length).toBeGreaterThan(0);
    expect(new Set(days).size).toBe(days.length);
  });

  test("scraper - a reload keeps the loops of unchanged targets and ends removed ones", async () => {
    serve("/metrics", TEXT, "a 1\n");
    const scraper = await scrape(jobOf("/metrics"));
    await firstUp(1);
    const before = (await targets())[0]?.lastScrape;
    await writeFile(
      join(folder.path, "prometheus.yml"),
      `${jobOf("/metrics")}- job_name: k\n  static_configs: [{targets: ['${address}']}]\n`,
    );
    await scraper.reload();
    const active = await eventually(async () => {
      const found = await targets();
      return found.length === 2 ? found : undefined;
    });
    expect(Date.parse(active.find(({ scrapePool }) => scrapePool === "j")?.lastScrape ?? "")).toBeGreaterThanOrEqual(
      Date.parse(before ?? ""),
    );

    await writeFile(join(folder.path, "prometheus.yml"), "scrape_configs: []\n");
    await scraper.reload();
    await eventually(() => samplesOf("up").some(({ isStale }) => isStale));
    await writeFile(join(folder.path, "prometheus.yml"), "scrape_configs: nonsense\n");
    await expect(scraper.reload()).rejects.toThrow(/expected a list of scrape configs/);
    expect(scraper.config.scrapeConfigs).toEqual([]);
    expect(scraper.configState.isSuccess).toBe(false);
  });

  test("scraper - reads the files that scrape_config_files names, and says which of them is faulty", async () => {
    serve("/metrics", TEXT, "a 1\n");
    const extra = join(folder.path, "extra.yml");
    await writeFile(extra, `scrape_configs:\n- job_name: x\n  static_configs: [{targets: ['${address}']}]\n`);
    const scraper = await scrape("global: {scrape_interval: 1s}\nscrape_config_files: ['ext*.yml']\n");
    await firstUp(1);
    expect(scraper.config.scrapeConfigs.map(({ jobName }) => jobName)).toEqual(["x"]);
    await writeFile(extra, "scrape_configs:\n- job_nam: x\n");
    await expect(scraper.reload()).rejects.toThrow(`${extra}:2:3: field job_nam not found in scrape_config`);
    await rm(join(folder.path, "prometheus.yml"));
    await expect(scraper.reload()).rejects.toThrow("no such file; give its path with --config.file");
    await rm(extra);
  });

  test("scraper - finds targets in files, follows changes and keeps them through a broken one", async () => {
    serve("/metrics", TEXT, "a 1\n");
    const file = join(folder.path, "targets.json");
    const groups = (env: string): string => JSON.stringify([{ targets: [address], labels: { env } }]);
    await writeFile(file, groups("one"));
    await scrape(
      `global: {scrape_interval: 1s}\nscrape_configs:\n- job_name: f\n  file_sd_configs: [{files: ['targets*.json']}]\n`,
    );
    await eventually(async () => (await targets())[0]?.labels["env"] === "one");
    expect((await targets())[0]?.discoveredLabels["__meta_filepath"]).toBe(file);
    await writeFile(file, "{broken");
    await writeFile(file, groups("two"));
    await eventually(async () => (await targets())[0]?.labels["env"] === "two");
  });

  test("scraper - closes while a target hangs, without stale markers", async () => {
    serve("/metrics", TEXT, "a 1\n");
    const scraper = await scrape(jobOf("/metrics"));
    await firstUp(1);
    handlers.set("/metrics", () => undefined);
    await eventually(() => requests.length >= 2);
    await Promise.all([scraper.close(), scraper.close()]);
    expect(published().some(({ isStale }) => isStale)).toBe(false);
  });

  test("scraper - samples taken while NATS is down arrive when it is back", async () => {
    serve("/metrics", TEXT, "a 1\n");
    await scrape(jobOf("/metrics"));
    await firstUp(1);
    await nats.halt();
    const askedBefore = requests.length;
    await eventually(() => requests.length >= askedBefore + 2);
    await nats.restart();
    await eventually(() => bus.isConnected);
    const asked = requests.length;
    // One for each time that the target was asked, and the last may still be on its way.
    await eventually(() => samplesOf("a").length >= asked + 2);
    expect(samplesOf("a").length).toBeGreaterThanOrEqual(requests.length - 1);
  });
});
