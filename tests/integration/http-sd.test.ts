import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { gzipSync } from "node:zlib";
import { SYSTEM_CLOCK } from "@monotreme/clock";
import { createDiscoverer, type Discoverer, discoveryMetrics, type TargetGroup } from "@monotreme/discovery";
import { parsePrometheusConfig } from "@monotreme/prometheus-config";
import { createSilentLogger, Registry } from "@monotreme/telemetry";
import { eventually } from "@monotreme/testkit";
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";

const JSON_TYPE = { "content-type": "application/json; charset=utf-8" };
const LIST = JSON.stringify([{ targets: ["a:1", "b:2"], labels: { env: "x" } }, { targets: ["c:3"] }]);

let server: Server;
let base: string;
let handler: (request: IncomingMessage, response: ServerResponse) => void;
let requests: IncomingMessage[] = [];
let running: Discoverer | undefined;
let updates: (readonly TargetGroup[])[] = [];
let registry = new Registry();

beforeAll(async () => {
  server = createServer((request, response) => {
    requests.push(request);
    handler(request, response);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  base = `127.0.0.1:${(server.address() as AddressInfo).port}`;
});
afterEach(async () => {
  await running?.close();
  requests = [];
  updates = [];
});
afterAll(() => {
  server.closeAllConnections();
  server.close();
});

function discover(fields: string, url = `http://${base}/targets`): void {
  const text = `scrape_configs: [{job_name: d, http_sd_configs: [{url: '${url}', refresh_interval: 200ms${fields}}]}]`;
  const { scrapeConfigs } = parsePrometheusConfig({ fileName: "p", folder: "/", text }, { environment: {} });
  const config = scrapeConfigs[0]?.discovery[0];
  if (config === undefined) throw new Error("no discovery");
  registry = new Registry();
  running = createDiscoverer(config, {
    clock: SYSTEM_CLOCK,
    logger: createSilentLogger(),
    metrics: discoveryMetrics(registry),
    environment: {},
    userAgent: "test",
  });
  running?.start((found) => updates.push(found));
}

function serves(body: string | Buffer, headers: Record<string, string> = JSON_TYPE, status = 200): void {
  handler = (_, response) => void response.writeHead(status, headers).end(body);
}

function addresses(): (string | undefined)[] {
  return (updates.at(-1) ?? []).flatMap(({ targets }) => targets.map((target) => target["__address__"]));
}

describe("http discovery", () => {
  test("http discovery - a list with its labels and where it came from, asked for as upstream does", async () => {
    serves(LIST);
    discover(", basic_auth: {username: u, password: p}");
    await eventually(() => updates.length > 0);
    expect(updates[0]).toEqual([
      {
        source: `http://${base}/targets:0`,
        targets: [{ __address__: "a:1" }, { __address__: "b:2" }],
        labels: { env: "x", __meta_url: `http://${base}/targets` },
      },
      {
        source: `http://${base}/targets:1`,
        targets: [{ __address__: "c:3" }],
        labels: { __meta_url: `http://${base}/targets` },
      },
    ]);
    expect(requests[0]?.headers).toMatchObject({
      accept: "application/json",
      "user-agent": "test",
      "x-prometheus-refresh-interval-seconds": "0.2",
      authorization: `Basic ${Buffer.from("u:p").toString("base64")}`,
    });
  });

  test("http discovery - lists change, may be in gzip, and may become empty", async () => {
    serves(LIST);
    discover("");
    await eventually(() => addresses().length === 3);
    serves(gzipSync('[{"targets":["d:4"]}]'), { ...JSON_TYPE, "content-encoding": "gzip" });
    await eventually(() => addresses().join() === "d:4");
    serves("null");
    await eventually(() => addresses().length === 0 && updates.length > 2);
  });

  test("http discovery - no label shows a password of the URL", async () => {
    serves(LIST);
    discover("", `http://user:hunter2@${base}/targets`);
    await eventually(() => updates.length > 0);
    expect(JSON.stringify(updates)).not.toContain("hunter2");
    expect(updates[0]?.[0]?.labels["__meta_url"]).toBe(`http://user:xxxxx@${base}/targets`);
    expect(requests[0]?.headers.authorization).toBe(`Basic ${Buffer.from("user:hunter2").toString("base64")}`);
  });

  const keeps = (name: string, fault: () => void) =>
    test(`http discovery - ${name} is a failure, and the last list stays`, async () => {
      serves(LIST);
      discover("");
      await eventually(() => addresses().length === 3);
      const before = updates.length;
      fault();
      await eventually(async () => {
        const text = await registry.metrics();
        expect(text).toMatch(/prometheus_sd_refresh_failures_total\{mechanism="http"\} [2-9]/);
        expect(text).toMatch(/prometheus_sd_http_failures_total [2-9]/);
        return true;
      });
      expect(addresses()).toEqual(["a:1", "b:2", "c:3"]);
      expect(updates.length).toBeLessThan(before + 3);
      serves('[{"targets":["back:1"]}]');
      await eventually(() => addresses().join() === "back:1");
    });
  keeps("a status of 500", () => serves(LIST, JSON_TYPE, 500));
  keeps("a status of 204", () => serves("", JSON_TYPE, 204));
  keeps("another content type", () => serves(LIST, { "content-type": "text/html" }));
  keeps("no content type", () => serves(LIST, {}));
  keeps("broken JSON", () => serves("[{"));
  keeps("an object", () => serves('{"targets":["a:1"]}'));
  keeps("a group that is null", () => serves("[null]"));
  keeps("targets that are no texts", () => serves('[{"targets":[1]}]'));
  keeps("an unknown field", () => serves('[{"target":["a:1"]}]'));
  keeps("a server that never answers", () => {
    handler = () => undefined;
  });
  keeps("a connection cut in the body", () => {
    handler = (_, response) => {
      response.writeHead(200, { ...JSON_TYPE, "content-length": "1000" });
      response.write("[");
      setTimeout(() => response.destroy(), 20);
    };
  });
  keeps("a body without end", () => {
    handler = (_, response) => {
      response.writeHead(200, JSON_TYPE);
      const chunk = Buffer.alloc(1024 * 1024, " ");
      const write = (): void => {
        if (response.destroyed) return;
        if (response.write(chunk)) setImmediate(write);
        else response.once("drain", write);
      };
      write();
    };
  });
});
