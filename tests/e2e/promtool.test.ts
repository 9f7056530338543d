import { execFile } from "node:child_process";
import { promisify } from "node:util";
import { Labels } from "@monotreme/model";
import { compressSnappy, encodeWriteRequest } from "@monotreme/remote-write";
import { eventually, queryValue, RemoteWriteSender, startStandalone, type TestStandalone } from "@monotreme/testkit";
import { afterAll, beforeAll, describe, expect, test } from "vitest";

const MINUTE_MS = 60_000;
/** A whole hour, some hours back: expected output can name exact times. */
const START_MS = Math.floor(Date.now() / 3_600_000) * 3_600_000 - 3 * 3_600_000;
const START = START_MS / 1000;

/** One sample a minute for ten minutes: `scale` times 0, 1, … 9. */
function seriesOf(labels: Record<string, string>, scale: number) {
  return {
    labels: Labels.fromObject(labels),
    timestampsMs: Array.from({ length: 10 }, (_, i) => START_MS + i * MINUTE_MS),
    values: Float64Array.from({ length: 10 }, (_, i) => i * scale),
  };
}

const REQUEST = encodeWriteRequest([
  seriesOf({ __name__: "requests_total", job: "api", path: '/a"b\\c' }, 60),
  seriesOf({ __name__: "requests_total", job: "web", path: "/ü" }, 6),
  seriesOf({ __name__: "temperature", room: "cellar" }, 0.1),
]);

describe("promtool as a client of standalone", () => {
  let standalone: TestStandalone;

  beforeAll(async () => {
    standalone = await startStandalone();
    const url = `${standalone.url}/api/v1/write`;
    await new RemoteWriteSender({ url, shards: [[compressSnappy(REQUEST)]] }).run();
    const stored = async (): Promise<number | undefined> =>
      queryValue(standalone.url, 'sum(count_over_time({__name__=~".+"}[1h]))', START + 3599);
    await eventually(async () => (await stored()) === 30);
  });
  afterAll(async () => {
    await standalone?.stop();
  });

  /** What `promtool query …` prints, line by line and sorted: the order of series is not promised. */
  async function promtool(kind: string, flags: readonly string[], ...args: readonly string[]): Promise<string[]> {
    const run = promisify(execFile);
    const { stdout } = await run("promtool", ["query", kind, ...flags, standalone.url, ...args]);
    return stdout.trimEnd().split("\n").toSorted();
  }

  test("promtool - query instant prints a vector", async () => {
    const at = START + 540;
    expect(await promtool("instant", [`--time=${at}`], "requests_total")).toEqual([
      `requests_total{job="api", path="/a\\"b\\\\c"} => 540 @[${at}]`,
      `requests_total{job="web", path="/ü"} => 54 @[${at}]`,
    ]);
  });

  test("promtool - query instant prints rates and scalars", async () => {
    const at = `--time=${START + 540}`;
    expect(await promtool("instant", [at], "rate(requests_total[5m])")).toEqual([
      `{job="api", path="/a\\"b\\\\c"} => 1 @[${START + 540}]`,
      `{job="web", path="/ü"} => 0.1 @[${START + 540}]`,
    ]);
    expect(await promtool("instant", [at], "1 + 1")).toEqual([`scalar: 2 @[${START + 540}]`]);
  });

  test("promtool - query range prints a matrix", async () => {
    const flags = [`--start=${START}`, `--end=${START + 120}`, "--step=1m"];
    const run = promisify(execFile);
    const { stdout } = await run("promtool", ["query", "range", ...flags, standalone.url, "sum(requests_total)"]);
    expect(stdout).toBe(`{} =>\n0 @[${START}]\n66 @[${START + 60}]\n132 @[${START + 120}]\n`);
  });

  test("promtool - query series prints the label sets", async () => {
    const flags = [`--start=${START}`, `--end=${START + 600}`];
    expect(await promtool("series", [...flags, "--match=requests_total", "--match=temperature"])).toEqual([
      '{__name__="requests_total", job="api", path="/a\\"b\\\\c"}',
      '{__name__="requests_total", job="web", path="/ü"}',
      '{__name__="temperature", room="cellar"}',
    ]);
  });

  test("promtool - query labels prints the values of a label", async () => {
    const flags = [`--start=${START}`, `--end=${START + 600}`];
    expect(await promtool("labels", flags, "__name__")).toEqual(["requests_total", "temperature"]);
    expect(await promtool("labels", [...flags, "--match=temperature"], "room")).toEqual(["cellar"]);
    expect(await promtool("labels", [...flags, "--match=temperature"], "job")).toEqual([""]);
  });

  test("promtool - a query with a fault ends with exit code 1 and the reason", async () => {
    await expect(promtool("instant", [], "sum(")).rejects.toMatchObject({
      code: 1,
      stderr: expect.stringMatching(/bad_data: .*1:5: parse error: .*/),
    });
  });
});
