import { writeFile } from "node:fs/promises";
import { createServer, type Server } from "node:http";
import { join } from "node:path";
import { findFreePort } from "@monotreme/standalone";
import {
  askApi,
  countStoredSamples,
  createTemporaryFolder,
  embeddedClickHouseUrl,
  eventually,
  queryInstant,
  queryValue,
  startProgram,
  startStandalone,
  type TemporaryFolder,
  type TestProgram,
  type TestStandalone,
} from "@monotreme/testkit";
import { afterAll, beforeAll, describe, expect, test } from "vitest";

const SERIES = 20;

/** A target whose series all tell how often it was scraped, so that a sample that got lost leaves a gap. */
class CountingTarget {
  readonly #server: Server;
  scrapes = 0;

  constructor() {
    this.#server = createServer((_request, response) => {
      this.scrapes += 1;
      const lines = Array.from({ length: SERIES }, (_, i) => `agent_scrapes_total{i="${i}"} ${this.scrapes}`);
      const head = "# HELP agent_scrapes_total How often this was asked.\n# TYPE agent_scrapes_total counter\n";
      response.setHeader("Content-Type", "text/plain; version=0.0.4");
      response.end(`${head}${lines.join("\n")}\n`);
    });
  }

  async listen(port: number): Promise<void> {
    await new Promise<void>((resolve) => this.#server.listen(port, "127.0.0.1", resolve));
  }

  close(): void {
    this.#server.close();
    this.#server.closeAllConnections();
  }
}

describe("Prometheus in agent mode writing to standalone", () => {
  const target = new CountingTarget();
  let folder: TemporaryFolder;
  let configFile: string;
  let agent: TestProgram;
  let agentUrl: string;
  let standalone: TestStandalone;

  /** With or without its target: an agent that scrapes nothing has an end of what it sends. */
  const writeConfig = async (scrapeConfigs: string): Promise<void> =>
    writeFile(
      configFile,
      `
global: {scrape_interval: 250ms, scrape_timeout: 250ms, external_labels: {cluster: edge, replica: "1"}}
scrape_configs: ${scrapeConfigs}
remote_write:
  - url: ${standalone.url}/api/v1/write
    queue_config: {batch_send_deadline: 200ms, max_backoff: 500ms}
    metadata_config: {send: true, send_interval: 1s}
`,
    );

  beforeAll(async () => {
    folder = await createTemporaryFolder("agent");
    configFile = join(folder.path, "prometheus.yml");
    standalone = await startStandalone();
    const [targetPort, agentPort] = [await findFreePort(), await findFreePort()];
    await target.listen(targetPort);
    await writeConfig(`[{job_name: counting, static_configs: [{targets: ["127.0.0.1:${targetPort}"]}]}]`);
    agentUrl = `http://127.0.0.1:${agentPort}`;
    agent = await startProgram(
      "prometheus",
      [
        "--enable-feature=agent",
        `--config.file=${configFile}`,
        `--storage.agent.path=${join(folder.path, "data")}`,
        `--web.listen-address=127.0.0.1:${agentPort}`,
      ],
      { readyPattern: /Server is ready to receive web requests/ },
    );
  });
  afterAll(async () => {
    await agent?.stop("SIGKILL");
    target.close();
    await standalone?.stop();
    await folder?.remove();
  });

  /** A counter of the agent's remote write. */
  const agentCounter = async (name: string): Promise<number> => {
    const exposition = await (await fetch(`${agentUrl}/metrics`)).text();
    return Number(new RegExp(`^prometheus_remote_storage_${name}(?:\\{[^}]*\\})? (\\S+)$`, "m").exec(exposition)?.[1]);
  };

  test("prometheus agent - its series arrive with job, instance and external labels", async () => {
    const result = await eventually(async () => {
      const found = await queryInstant(standalone.url, "agent_scrapes_total");
      return found.length === SERIES && found;
    });
    expect(result[0]?.metric).toEqual({
      __name__: "agent_scrapes_total",
      cluster: "edge",
      replica: "1",
      job: "counting",
      instance: expect.stringContaining("127.0.0.1:"),
      i: expect.any(String),
    });
    expect(await queryValue(standalone.url, 'up{cluster="edge"}')).toBe(1);
  });

  test("prometheus agent - its metadata arrives", async () => {
    await eventually(async () => {
      const address = `${standalone.url}/api/v1/metadata?metric=agent_scrapes_total`;
      expect(await askApi(address)).toEqual({
        agent_scrapes_total: [{ type: "counter", help: "How often this was asked.", unit: "" }],
      });
      return true;
    });
  });

  test("prometheus agent - nothing is lost when standalone is killed and started again", async () => {
    const before = target.scrapes;
    await eventually(() => target.scrapes > before + 8);
    await standalone.kill();
    // The agent goes on scraping; what it cannot send it keeps and sends again.
    const killedAt = target.scrapes;
    await eventually(() => target.scrapes > killedAt + 8);
    await standalone.restart();
    const backAt = target.scrapes;
    await eventually(() => target.scrapes > backAt + 8);
    await writeConfig("[]");
    process.kill(agent.pid ?? 0, "SIGHUP");
    await eventually(() => agent.output().split("Completed loading of configuration file").length > 2);
    const clickhouseUrl = await embeddedClickHouseUrl(standalone.storagePath);
    await eventually(
      async () => {
        // Its counter of what it sent counts a repeat again, and one of another name counts the repeats.
        const sent = (await agentCounter("samples_total")) - (await agentCounter("samples_retried_total"));
        expect((await countStoredSamples(clickhouseUrl)).distinct).toBe(sent);
        expect(await agentCounter("samples_in_total")).toBe(sent);
        return true;
      },
      { timeoutMs: 30_000 },
    );
    expect(await agentCounter("samples_retried_total")).toBeGreaterThan(0);
    expect(await agentCounter("samples_failed_total")).toBe(0);
    expect(await agentCounter("samples_dropped_total")).toBe(0);
  });

  test("prometheus agent - each scrape that it made is there for each series, over the restart", async () => {
    const scrapes = await queryValue(standalone.url, "sum(sum_over_time(up[1h]))");
    expect(scrapes).toBeGreaterThan(24);
    const perSeries = await queryInstant(standalone.url, "count_over_time(agent_scrapes_total[1h])");
    expect(perSeries.map(({ value }) => Number(value[1]))).toEqual(Array.from({ length: SERIES }, () => scrapes));
    // The target counts up by one a scrape: a value that came twice, or in the wrong place, would be a change too few.
    const changes = await queryInstant(standalone.url, "changes(agent_scrapes_total[1h]) + 1");
    expect(changes.map(({ value }) => Number(value[1]))).toEqual(Array.from({ length: SERIES }, () => scrapes));
  });
});
