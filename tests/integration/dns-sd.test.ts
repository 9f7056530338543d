import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { SYSTEM_CLOCK } from "@monotreme/clock";
import { createDiscoverer, type Discoverer, discoveryMetrics, type TargetGroup } from "@monotreme/discovery";
import { parsePrometheusConfig } from "@monotreme/prometheus-config";
import { createSilentLogger, Registry } from "@monotreme/telemetry";
import { createTemporaryFolder, eventually, type TemporaryFolder } from "@monotreme/testkit";
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import { DnsServer, mxData, nameData, srvData } from "./dns-sd-server.ts";

const server = new DnsServer();
let folder: TemporaryFolder;
let running: Discoverer | undefined;
let groups: readonly TargetGroup[] | undefined;
let registry = new Registry();

beforeAll(async () => {
  folder = await createTemporaryFolder("dns-sd");
  await server.listen();
  await writeFile(join(folder.path, "resolv.conf"), "nameserver 192.0.2.1\nsearch svc.test test\noptions ndots:2\n");
  server.set("_http._tcp.web.test", "SRV", srvData(8080, "one.web.test"), srvData(9090, "two.web.test"));
  server.set("hosts.svc.test", "A", Buffer.from([10, 0, 0, 1]), Buffer.from([10, 0, 0, 2]));
  server.set("hosts.svc.test", "AAAA", Buffer.from("fd000000000000000000000000000001", "hex"));
  server.set("mail.test", "MX", mxData("mx.mail.test"));
  server.set("mail.test", "NS", nameData("ns.mail.test"));
  server.set("big.test", "A", ...Array.from({ length: 100 }, (_, i) => Buffer.from([10, 1, 0, i])));
});
afterEach(async () => {
  await running?.close();
  groups = undefined;
  server.questions.length = 0;
});
afterAll(async () => {
  await server.close();
  await folder.remove();
});

function discover(fields: string): void {
  const text = `scrape_configs: [{job_name: d, dns_sd_configs: [{${fields}}]}]`;
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
    dns: { servers: [server.address], resolvConfPath: join(folder.path, "resolv.conf") },
  });
  running?.start((found) => {
    groups = found;
  });
}

async function targets(): Promise<readonly Readonly<Record<string, string>>[]> {
  return (await eventually(() => groups)).flatMap((group) => group.targets);
}

describe("dns discovery", () => {
  test("dns discovery - SRV records say host and port", async () => {
    discover("names: [_http._tcp.web.test]");
    expect(await targets()).toEqual([
      {
        __address__: "one.web.test:8080",
        __meta_dns_name: "_http._tcp.web.test",
        __meta_dns_srv_record_target: "one.web.test.",
        __meta_dns_srv_record_port: "8080",
      },
      expect.objectContaining({ __address__: "two.web.test:9090" }),
    ]);
  });

  test("dns discovery - A and AAAA by the search domains of the system", async () => {
    discover("names: [hosts], type: A, port: 9100");
    expect((await targets()).map((target) => target["__address__"])).toEqual(["10.0.0.1:9100", "10.0.0.2:9100"]);
    expect(server.questions[0]).toBe("hosts.svc.test A");
    await running?.close();
    groups = undefined;
    discover("names: [hosts.svc.test.], type: AAAA, port: 9100");
    expect(await targets()).toEqual([{ __address__: "[fd00::1]:9100", __meta_dns_name: "hosts.svc.test." }]);
  });

  test("dns discovery - MX and NS", async () => {
    discover("names: [mail.test], type: MX, port: 25");
    expect(await targets()).toEqual([
      { __address__: "mx.mail.test:25", __meta_dns_name: "mail.test", __meta_dns_mx_record_target: "mx.mail.test." },
    ]);
    await running?.close();
    groups = undefined;
    discover("names: [mail.test], type: ns, port: 53");
    expect(await targets()).toEqual([
      { __address__: "ns.mail.test:53", __meta_dns_name: "mail.test", __meta_dns_ns_record_target: "ns.mail.test." },
    ]);
  });

  test("dns discovery - an answer cut short is asked for over TCP", async () => {
    discover("names: [big.test], type: A, port: 1");
    expect(await targets()).toHaveLength(100);
    expect(server.tcpQuestions).toBeGreaterThan(0);
  });

  test("dns discovery - a name that nobody answers for keeps its targets; one that is gone loses them", async () => {
    server.set("a.test", "A", Buffer.from([10, 0, 1, 1]));
    server.set("b.test", "A", Buffer.from([10, 0, 2, 1]));
    discover("names: [a.test., b.test.], type: A, port: 1, refresh_interval: 200ms");
    expect(await targets()).toHaveLength(2);
    server.fail("a.test", "SERVFAIL");
    server.set("b.test", "A", Buffer.from([10, 0, 2, 2]));
    await eventually(async () => expect((await targets()).map((each) => each["__address__"])).toContain("10.0.2.2:1"));
    expect((await targets()).map((each) => each["__address__"])).toContain("10.0.1.1:1");
    await eventually(async () => {
      expect(await registry.metrics()).toMatch(/prometheus_sd_dns_lookup_failures_total [1-9]/);
      return true;
    });
    server.fail("a.test", "NXDOMAIN");
    await eventually(async () => (await targets()).length === 1);
    server.fail("a.test", undefined);
    await eventually(async () => (await targets()).length === 2);
  });

  test("dns discovery - nothing is said while nothing is known", async () => {
    server.fail("a.test", "REFUSED");
    discover("names: [a.test.], type: A, port: 1, refresh_interval: 100ms");
    await eventually(async () => {
      expect(await registry.metrics()).toMatch(/prometheus_sd_refresh_failures_total\{mechanism="dns"\} [2-9]/);
      return true;
    });
    expect(groups).toBeUndefined();
    server.fail("a.test", undefined);
    expect(await targets()).toHaveLength(1);
  });
});
