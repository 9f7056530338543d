import { writeFile } from "node:fs/promises";
import { join, resolve } from "node:path";
import { findFreePort } from "@monotreme/standalone";
import {
  askApi,
  createTemporaryFolder,
  eventually,
  queryInstant,
  startProgram,
  startStandalone,
  type TemporaryFolder,
  type TestProgram,
  type TestStandalone,
} from "@monotreme/testkit";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { readDashboard } from "../architecture/deploy/dashboards.ts";

const DASHBOARDS = resolve(import.meta.dirname, "../../deploy/grafana/dashboards");
const READ_KEY = "hcr_0123456789abcdefghijklmnopqr";
const HEARTBEATS = `projects:
- {name: ours, ping_key: our-ping-key, api_key_readonly: ${READ_KEY}, checks: [{name: good, tags: prod}, {name: bad}]}
`;
const RULES = `groups:
- {name: g, interval: 1s, rules: [{record: one, expr: vector(1)}, {alert: Always, expr: vector(1)}]}
`;

/**
 * Panels whose metrics appear only once something happened that does not happen here: a query of theirs may answer
 * nothing. Everything else must answer.
 */
const QUIET: ReadonlySet<string> = new Set(["Blocks by state", "Blocks that are due", "Age of the oldest that is due"]);

/** The machine that runs the tests may have none of these. */
const MACHINES: ReadonlySet<string> = new Set([
  "Swap",
  "Disk busy",
  "Read",
  "Written",
  "Inodes",
  "File systems",
  "Fullest file system",
  "Connections",
  "Received",
  "Sent",
  "Errors and drops",
]);

describe("dashboards", () => {
  let folder: TemporaryFolder;
  let exporter: TestProgram;
  let exporterAddress: string;
  let standalone: TestStandalone;

  beforeAll(async () => {
    folder = await createTemporaryFolder("dashboards");
    const [file, rules] = [join(folder.path, "heartbeat.yml"), join(folder.path, "rules.yml")];
    await writeFile(file, HEARTBEATS);
    await writeFile(rules, RULES);
    exporterAddress = `127.0.0.1:${await findFreePort()}`;
    const heartbeats = `127.0.0.1:${await findFreePort()}`;
    exporter = await startProgram("prometheus-node-exporter", [`--web.listen-address=${exporterAddress}`]);
    standalone = await startStandalone({
      configYaml: (own) => `
global: {scrape_interval: 1s}
rule_files: [${rules}]
scrape_configs:
  - {job_name: monotreme, static_configs: [{targets: ["${own}"], labels: {role: standalone}}]}
  - {job_name: node, static_configs: [{targets: ["${exporterAddress}"]}]}
  - {job_name: heartbeats, metrics_path: /projects/any/metrics/${READ_KEY}, static_configs: [{targets: ["${heartbeats}"]}]}
`,
      args: [`--heartbeat.config.file=${file}`, `--heartbeat.web.listen-address=${heartbeats}`],
    });
    for (const ping of ["good/start", "good", "bad/1", "unknown"])
      await fetch(`http://${heartbeats}/ping/our-ping-key/${ping}`);
    // What is counted for the first time needs a second scrape.
    await eventually(
      async () => expect((await queryInstant(standalone.url, "count_over_time(hc_check_up[1m]) > 5")).length).toBe(2),
      {
        timeoutMs: 60_000,
      },
    );
  });
  afterAll(async () => {
    await exporter?.stop("SIGKILL");
    await standalone?.stop();
    await folder?.remove();
  });

  const countOf = async (expression: string, isInstant: boolean): Promise<number> => {
    const nowSeconds = Date.now() / 1000;
    if (isInstant) return (await queryInstant(standalone.url, expression)).length;
    const range = { query: expression, start: String(nowSeconds - 300), end: String(nowSeconds), step: "15" };
    const { result } = await askApi<{ result: readonly unknown[] }>(
      `${standalone.url}/api/v1/query_range?${new URLSearchParams(range).toString()}`,
    );
    return result.length;
  };

  test.each(["monotreme.json", "node.json", "heartbeats.json"])("every panel of %s has data", async (name) => {
    const values = { job: "node", instance: exporterAddress, rateInterval: "30s" };
    const { queries } = readDashboard(join(DASHBOARDS, name), values);
    const empty: string[] = [];
    const isQuiet = (panel: string): boolean => QUIET.has(panel) || (name === "node.json" && MACHINES.has(panel));
    for (const { panel, expression, isInstant } of queries) {
      const count = await countOf(expression, isInstant);
      if (count === 0 && !isQuiet(panel)) empty.push(`${panel}: ${expression}`);
    }
    expect(empty).toEqual([]);
  });

  test("every query of kubernetes.json is answered, with or without data", async () => {
    const { queries } = readDashboard(join(DASHBOARDS, "kubernetes.json"));
    for (const { expression, isInstant } of queries)
      expect(await countOf(expression, isInstant)).toBeGreaterThanOrEqual(0);
  });
});
