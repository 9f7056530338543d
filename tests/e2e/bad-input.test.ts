import { writeFile } from "node:fs/promises";
import { createServer, type Server, type ServerResponse } from "node:http";
import { createServer as createTcpServer } from "node:net";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { Labels } from "@monotreme/model";
import { compressSnappy, encodeWriteRequest } from "@monotreme/remote-write";
import { findFreePort } from "@monotreme/standalone";
import {
  askApi,
  createTemporaryFolder,
  eventually,
  queryInstant,
  queryValue,
  startProgram,
  startStandalone,
  type TemporaryFolder,
  type TestStandalone,
} from "@monotreme/testkit";
import { afterAll, beforeAll, describe, expect, test } from "vitest";

const START_SCRIPT = fileURLToPath(new URL("../../tools/start.mjs", import.meta.url));
const GOOD_CONFIG = "scrape_configs: []\n";

describe("standalone that cannot start", () => {
  let folder: TemporaryFolder;

  beforeAll(async () => {
    folder = await createTemporaryFolder("bad-input");
  });
  afterAll(async () => {
    await folder?.remove();
  });

  /** How it ended and what it printed. */
  async function run(
    configYaml: string,
    ...args: readonly string[]
  ): Promise<{ code: number | string; output: string }> {
    const configFile = join(folder.path, "prometheus.yml");
    await writeFile(configFile, configYaml);
    const program = await startProgram(process.execPath, [
      START_SCRIPT,
      `--config.file=${configFile}`,
      `--storage.path=${join(folder.path, "data")}`,
      `--web.listen-address=127.0.0.1:${await findFreePort()}`,
      "--alertmanager.web.listen-address=127.0.0.1:0",
      "--heartbeat.web.listen-address=127.0.0.1:0",
      ...args,
    ]);
    return { code: await program.exited(), output: program.output() };
  }

  test.each<[what: string, configYaml: string, place: string, reason: RegExp]>([
    ["broken YAML", "scrape_configs:\n  - job_name: [a\n", "prometheus.yml:3", /flow/i],
    [
      "an unknown key",
      "global: {}\nscrape_configs:\n  - job_nam: a\n",
      "prometheus.yml:3",
      /job_nam\b.*(expected|job_name)/s,
    ],
    ["a value of the wrong kind", "global:\n  scrape_interval: often\n", "prometheus.yml:2", /duration/],
  ])("bad input - %s: exit code 1 with file, line and what was expected", async (_what, configYaml, place, reason) => {
    const { code, output } = await run(configYaml);
    expect(code, output).toBe(1);
    expect(output).toContain(place);
    expect(output).toMatch(reason);
    expect(output, "a fault of the user comes without a stack").not.toContain("    at ");
  });

  test("bad input - no configuration file: exit code 1 with its name and the flag", async () => {
    const { code, output } = await run(GOOD_CONFIG, "--config.file=/nowhere/prometheus.yml");
    expect(code, output).toBe(1);
    expect(output).toContain("/nowhere/prometheus.yml");
  });

  test.each([
    ["an unknown flag", "--no-such.flag=1", "--no-such.flag"],
    ["a flag with a bad value", "--ingester.batch-linger=soon", "--ingester.batch-linger"],
    ["an unknown role", "--roles=query,cook", "cook"],
  ])("bad input - %s: exit code 1 with its name", async (_what, flag, name) => {
    const { code, output } = await run(GOOD_CONFIG, flag);
    expect(code, output).toBe(1);
    expect(output).toContain(name);
    expect(output).not.toContain("    at ");
  });

  test("bad input - a flag of upstream without a meaning here is taken with one warning", async () => {
    // It starts, and then ends because of the port.
    const { output } = await run(
      GOOD_CONFIG,
      "--storage.tsdb.min-block-duration=2h",
      "--web.listen-address=192.0.2.1:1",
    );
    expect(output.split("storage.tsdb.min-block-duration").length - 1).toBe(1);
    expect(output).not.toMatch(/unknown/i);
  });

  test("bad input - a port in use: exit code 1 with the address and the flag that changes it", async () => {
    const server = createTcpServer();
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    const address = server.address();
    const port = typeof address === "object" && address !== null ? address.port : 0;
    const { code, output } = await run(GOOD_CONFIG, `--web.listen-address=127.0.0.1:${port}`);
    server.close();
    expect(code, output).toBe(1);
    expect(output).toContain(`127.0.0.1:${port}`);
    expect(output).toContain("--web.listen-address");
    expect(output).not.toContain("    at ");
  });
});

describe("standalone with bad senders and targets", () => {
  const servers: Server[] = [];
  let standalone: TestStandalone;

  /** A target that answers as told. */
  async function startTarget(answer: (response: ServerResponse) => void): Promise<string> {
    const server = createServer((_request, response) => answer(response));
    servers.push(server);
    const port = await findFreePort();
    await new Promise<void>((resolve) => server.listen(port, "127.0.0.1", resolve));
    return `127.0.0.1:${port}`;
  }

  beforeAll(async () => {
    const targets = {
      html: await startTarget((response) => response.setHeader("Content-Type", "text/html").end("<html>hello</html>")),
      disguised: await startTarget((response) =>
        response.setHeader("Content-Type", "text/plain").end("<html></html>\n"),
      ),
      endless: await startTarget(writeForEver),
      large: await startTarget((response) =>
        response.setHeader("Content-Type", "text/plain").end("a_metric 1\n".repeat(1000)),
      ),
      silent: await startTarget(() => undefined),
      failing: await startTarget((response) => response.writeHead(500).end()),
      cut: await startTarget((response) => {
        response.writeHead(200, { "Content-Type": "text/plain", "Content-Length": 1000 }).write("a_metric 1\n");
        setImmediate(() => response.destroy());
      }),
    };
    const jobs = Object.entries(targets).map(
      ([job, address]) => `
  - job_name: ${job}
    static_configs: [{targets: ["${address}"]}]${job === "large" ? "\n    body_size_limit: 1KB" : ""}`,
    );
    standalone = await startStandalone({
      configYaml: `global: {scrape_interval: 1s, scrape_timeout: 1s}\nscrape_configs:${jobs.join("")}\n`,
    });
  });
  afterAll(async () => {
    await standalone?.stop();
    for (const server of servers) {
      server.closeAllConnections();
      server.close();
    }
  });

  test.each<[job: string, reason: RegExp]>([
    ["html", /Content-Type.*text\/html/i],
    ["disguised", /<html>|line 1|unexpected|expected/i],
    ["endless", /deadline exceeded|body size|limit/i],
    ["large", /body size limit|limit/i],
    ["silent", /deadline exceeded/],
    ["failing", /HTTP status 500/],
    ["cut", /aborted|EOF|closed|reset/i],
  ])("bad input - a target that is %s: up is 0 and the reason is told", async (job, reason) => {
    await eventually(async () => {
      expect(await queryValue(standalone.url, `up{job="${job}"}`)).toBe(0);
      const { activeTargets } = await askApi<{
        activeTargets: readonly { scrapePool: string; health: string; lastError: string }[];
      }>(`${standalone.url}/api/v1/targets?state=active`);
      const target = activeTargets.find(({ scrapePool }) => scrapePool === job);
      expect(target).toMatchObject({ health: "down", lastError: expect.stringMatching(reason) });
      return true;
    });
    expect(await queryInstant(standalone.url, `{job="${job}", __name__="a_metric"}`)).toEqual([]);
  });

  const oneSample = (timestampMs: number): Uint8Array =>
    encodeWriteRequest([
      { labels: Labels.fromObject({ __name__: "one" }), timestampsMs: [timestampMs], values: Float64Array.of(1) },
    ]);

  test.each<[what: string, body: Uint8Array, status: number, reason: RegExp]>([
    ["no snappy", Buffer.from("no snappy at all"), 400, /snappy/],
    ["a cut snappy body", compressSnappy(oneSample(Date.now())).subarray(0, 12), 400, /snappy/],
    ["snappy of no protobuf", compressSnappy(Buffer.from("no protobuf")), 400, /protobuf/],
    ["a cut protobuf message", compressSnappy(oneSample(Date.now()).subarray(0, 9)), 400, /protobuf/],
    ["a sample of tomorrow", compressSnappy(oneSample(Date.now() + 86_400_000)), 400, /out of bounds/],
    ["a good sample", compressSnappy(oneSample(Date.now())), 204, /^$/],
  ])("bad input - a write of %s is answered as it deserves", async (_what, body, status, reason) => {
    const response = await fetch(`${standalone.url}/api/v1/write`, {
      method: "POST",
      body: Buffer.from(body),
      headers: { "Content-Type": "application/x-protobuf", "Content-Encoding": "snappy" },
    });
    expect(response.status).toBe(status);
    expect(await response.text()).toMatch(reason);
  });
});

/** As fast as it is read, until the reader goes. */
function writeForEver(response: ServerResponse): void {
  const line = "a_metric 1\n".repeat(5_000);
  response.setHeader("Content-Type", "text/plain");
  const write = (): void => {
    while (!response.destroyed && response.write(line));
  };
  response.on("drain", write);
  write();
}
