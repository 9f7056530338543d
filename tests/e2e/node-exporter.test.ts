import { findFreePort } from "@monotreme/standalone";
import {
  askApi,
  eventually,
  queryInstant,
  queryValue,
  startProgram,
  startStandalone,
  type TestProgram,
  type TestStandalone,
} from "@monotreme/testkit";
import { afterAll, beforeAll, describe, expect, test } from "vitest";

const SYNTHETIC = [
  "scrape_duration_seconds",
  "scrape_samples_scraped",
  "scrape_samples_post_metric_relabeling",
  "scrape_series_added",
];

interface Targets {
  readonly activeTargets: readonly {
    readonly labels: Record<string, string>;
    readonly scrapeUrl: string;
    readonly health: string;
    readonly lastError: string;
  }[];
}

describe("node exporter scraped by standalone", () => {
  let exporter: TestProgram;
  let exporterAddress: string;
  let standalone: TestStandalone;

  beforeAll(async () => {
    exporterAddress = `127.0.0.1:${await findFreePort()}`;
    exporter = await startProgram("prometheus-node-exporter", [`--web.listen-address=${exporterAddress}`]);
    standalone = await startStandalone({
      configYaml: (own) => `
global: {scrape_interval: 1s}
scrape_configs:
  - {job_name: node, static_configs: [{targets: ["${exporterAddress}"], labels: {env: test}}]}
  - {job_name: monotreme, static_configs: [{targets: ["${own}"]}]}
`,
    });
  });
  afterAll(async () => {
    await exporter?.stop("SIGKILL");
    await standalone?.stop();
  });

  /** How many series of the exporter's own there are. */
  const countOfNode = async (time?: number): Promise<number | undefined> =>
    queryValue(standalone.url, 'count({job="node", __name__!~"up|scrape_.*"})', time);

  /** Every scrape of the exporter so far. */
  const upOfNode = async (): Promise<readonly { time: number; value: number }[]> => {
    const address = `${standalone.url}/api/v1/query?query=${encodeURIComponent('up{job="node"}[10m]')}`;
    const { result } = await askApi<{ result: readonly { values: readonly (readonly [number, string])[] }[] }>(address);
    return (result[0]?.values ?? []).map(([time, value]) => ({ time, value: Number(value) }));
  };

  test("node exporter - both targets are up, with the labels of their configuration", async () => {
    const up = await eventually(async () => {
      const result = await queryInstant(standalone.url, "up == 1");
      return result.length === 2 && result;
    });
    expect(up.map(({ metric }) => metric).toSorted((a, b) => String(a["job"]).localeCompare(String(b["job"])))).toEqual(
      [
        { __name__: "up", job: "monotreme", instance: new URL(standalone.url).host },
        { __name__: "up", job: "node", instance: exporterAddress, env: "test" },
      ],
    );
  });

  test.each(SYNTHETIC)("node exporter - %s is stored for each target", async (name) => {
    await eventually(async () => (await queryInstant(standalone.url, name)).length === 2);
  });

  test("node exporter - what is stored is what the exporter says", async () => {
    await eventually(async () => {
      const [stored, scraped] = await Promise.all([
        countOfNode(),
        queryValue(standalone.url, 'scrape_samples_scraped{job="node"}'),
      ]);
      expect(stored).toBeGreaterThan(100);
      // One series fewer or more comes and goes with the disks and interfaces of the machine.
      expect(Math.abs((stored ?? 0) - (scraped ?? 0))).toBeLessThan(10);
      return true;
    });
    const bootTime = await queryValue(standalone.url, "node_boot_time_seconds");
    const exposition = await (await fetch(`http://${exporterAddress}/metrics`)).text();
    expect(bootTime).toBe(Number(/^node_boot_time_seconds (\S+)$/m.exec(exposition)?.[1]));
  });

  test("node exporter - rates of its counters can be computed", async () => {
    const busy = await eventually(async () =>
      queryValue(standalone.url, 'sum(rate(node_cpu_seconds_total{env="test"}[10s]))'),
    );
    expect(busy).toBeGreaterThan(0);
  });

  test("node exporter - stopped: up is 0, its series are stale with that very scrape, the reason is told", async () => {
    await exporter.stop();
    const scrapes = await eventually(async () => {
      const scrapes = await upOfNode();
      return scrapes.some(({ value }) => value === 0) && scrapes;
    });
    const firstDown = scrapes.findIndex(({ value }) => value === 0);
    // Markers and `up` are one write; they may become visible one after the other, but as soon as any write.
    await eventually(async () => (await countOfNode(scrapes[firstDown]?.time)) === undefined, { timeoutMs: 2_000 });
    expect(await countOfNode(scrapes[firstDown - 1]?.time)).toBeGreaterThan(100);
    const { activeTargets } = await askApi<Targets>(`${standalone.url}/api/v1/targets`);
    expect(activeTargets.find(({ labels }) => labels["job"] === "node")).toMatchObject({
      health: "down",
      scrapeUrl: `http://${exporterAddress}/metrics`,
      lastError: expect.stringMatching(/refused/i),
    });
    expect(activeTargets.find(({ labels }) => labels["job"] === "monotreme")).toMatchObject({
      health: "up",
      lastError: "",
    });
  });

  test("node exporter - back again: its series are back with the next scrape", async () => {
    exporter = await startProgram("prometheus-node-exporter", [`--web.listen-address=${exporterAddress}`]);
    await eventually(async () => (await queryValue(standalone.url, "node_boot_time_seconds")) !== undefined);
  });
});
