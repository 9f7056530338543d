import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { findFreePort } from "@monotreme/standalone";
import {
  createTemporaryFolder,
  eventually,
  queryInstant,
  startStandalone,
  type TemporaryFolder,
  type TestStandalone,
} from "@monotreme/testkit";
import { afterAll, beforeAll, describe, expect, test } from "vitest";

const API_KEY = "hcw_0123456789abcdefghijklmnopqr";
const READ_KEY = "hcr_0123456789abcdefghijklmnopqr";
const HOSTILE = 'a "b" \\ c\n{d} Ω';
const HEARTBEATS = `projects:
- name: ours
  ping_key: our-ping-key
  api_key: ${API_KEY}
  api_key_readonly: ${READ_KEY}
  checks:
  - {name: good, tags: prod}
  - {name: bad, tags: prod www}
  - {name: ${JSON.stringify(HOSTILE)}, slug: hostile, tags: [${JSON.stringify('"t')}]}
`;

let folder: TemporaryFolder;
let standalone: TestStandalone;
let heartbeats: string;

beforeAll(async () => {
  folder = await createTemporaryFolder("heartbeats");
  const file = join(folder.path, "heartbeat.yml");
  await writeFile(file, HEARTBEATS);
  const address = `127.0.0.1:${await findFreePort()}`;
  heartbeats = `http://${address}`;
  standalone = await startStandalone({
    configYaml: `global: {scrape_interval: 1s}
scrape_configs:
- job_name: healthchecks
  metrics_path: /projects/any/metrics/${READ_KEY}
  static_configs: [{targets: ['${address}']}]
`,
    args: [`--heartbeat.config.file=${file}`, `--heartbeat.web.listen-address=${address}`],
  });
});
afterAll(async () => {
  await standalone?.stop();
  await folder?.remove();
});

describe("heartbeats as Prometheus sees them", () => {
  test("standalone says where they are", () => {
    expect(standalone.heartbeatUrl).toBe(heartbeats);
  });

  test("the job that Healthchecks documents finds states, tags and times", async () => {
    await fetch(`${heartbeats}/ping/our-ping-key/good/start`);
    await fetch(`${heartbeats}/ping/our-ping-key/good`);
    await fetch(`${heartbeats}/ping/our-ping-key/bad/1`);
    const f = async (query: string, ...expected: readonly string[]): Promise<void> => {
      await eventually(
        async () => {
          const samples = await queryInstant(standalone.url, query);
          const found = samples.map(({ metric, value }) => `${metric["name"] ?? metric["tag"] ?? ""} ${value[1]}`);
          return expect(found.toSorted()).toEqual(expected.toSorted());
        },
        { timeoutMs: 20_000 },
      );
    };
    await f("hc_check_up == 0", "bad 0");
    await f("hc_tag_up", '"t 1', "prod 0", "www 0");
    await f('hc_check_up{tags=~"(.* )?prod( .*)?"}', "good 1", "bad 0");
    await f("hc_checks_total", " 3");
    await f("hc_checks_down_total", " 1");
    await f("hc_check_up and on (name) monotreme_check_last_duration_seconds >= 0", "good 1");
    await f("hc_check_up and on (name) (monotreme_check_deadline_timestamp_seconds - time() > 89000)", "good 1");
  });

  test("a hostile name arrives as it is", async () => {
    await eventually(
      async () => {
        const samples = await queryInstant(standalone.url, "hc_check_up");
        return expect(samples.map(({ metric }) => metric["name"])).toContain(HOSTILE);
      },
      { timeoutMs: 20_000 },
    );
  });
});
