import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { messageOf } from "@monotreme/errors";
import { Engine, parseExpression } from "@monotreme/promql";
import { MemorySource } from "@monotreme/promql/testing";
import { compressSnappy, encodeWriteRequest } from "@monotreme/remote-write";
import { findFreePort } from "@monotreme/standalone";
import {
  createTemporaryFolder,
  eventually,
  queryValue,
  RemoteWriteSender,
  startProgram,
  startStandalone,
  type TemporaryFolder,
  type TestProgram,
} from "@monotreme/testkit";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import {
  type Answer,
  answerDifference,
  answerOf,
  askRange,
  type RangeQuery,
} from "./promql-differential/api-matrix.ts";
import { KNOWN_DIFFERENCES } from "./promql-differential/known-differences.ts";
import { type DifferentialQuery, differentialQueries } from "./promql-differential/queries.ts";
import { differentialSeries, writeSeriesFrom } from "./promql-differential/samples.ts";

/** The last whole minute but one: recent enough for an empty Prometheus to take it. */
const END_MS = Math.floor(Date.now() / 60_000) * 60_000 - 60_000;
const SERIES = differentialSeries(END_MS);
const FLOAT_COUNT = SERIES.flatMap(({ samples }) => samples).filter(({ value }) => value !== "stale").length;
/** Half a second past the half minute: no step of a subquery lies on a window's border. */
const RANGE: RangeQuery = { startMs: END_MS - 3_569_500, endMs: END_MS + 150_500, stepMs: 60_000 };
/** Queries under way at once. */
const CONCURRENCY = 4;
const STANDALONE_TIMEOUT_MS = 300_000;
const QUERIES = differentialQueries(RANGE.startMs / 1000 + 1200);

async function write(url: string): Promise<void> {
  const body = compressSnappy(encodeWriteRequest(SERIES.map(writeSeriesFrom)));
  await new RemoteWriteSender({ url: `${url}/api/v1/write`, shards: [[body]] }).run();
}

/** Every query that is answered otherwise than by Prometheus, with the first difference. */
async function differences(
  prometheusUrl: string,
  answer: (query: DifferentialQuery) => Promise<Answer>,
): Promise<string[]> {
  const compared = QUERIES.filter(({ text }) => !KNOWN_DIFFERENCES.some(({ queries }) => queries.test(text)));
  const found: string[] = [];
  const waiting = compared.values();
  const work = async (): Promise<void> => {
    for (const query of waiting) {
      const [expected, got] = await Promise.all([askRange(prometheusUrl, query.oldText, RANGE), answer(query)]);
      const difference = answerDifference(expected, got);
      if (difference !== undefined) found.push(`${query.text}: ${difference}`);
    }
  };
  await Promise.all(Array.from({ length: CONCURRENCY }, work));
  return found;
}

describe("PromQL compared with a real Prometheus", () => {
  let folder: TemporaryFolder;
  let prometheus: TestProgram;
  let prometheusUrl: string;

  beforeAll(async () => {
    folder = await createTemporaryFolder("promql-differential");
    const configFile = join(folder.path, "prometheus.yml");
    await writeFile(configFile, "global: {evaluation_interval: 1m}\n");
    const address = `127.0.0.1:${await findFreePort()}`;
    prometheusUrl = `http://${address}`;
    const args = [
      `--config.file=${configFile}`,
      `--storage.tsdb.path=${join(folder.path, "data")}`,
      `--web.listen-address=${address}`,
      "--web.enable-remote-write-receiver",
    ];
    prometheus = await startProgram("prometheus", args, { readyPattern: /ready to receive web requests/ });
    await write(prometheusUrl);
  });
  afterAll(async () => {
    await prometheus?.stop();
    await folder?.remove();
  });

  test("promql - the queries are many, and most of them answer something", async () => {
    const answers = await Promise.all(QUERIES.map(async ({ oldText }) => askRange(prometheusUrl, oldText, RANGE)));
    const filled = answers.filter((answer) => answer.kind === "points" && answer.series.size > 0);
    expect(QUERIES.length).toBeGreaterThan(600);
    expect(filled.length / QUERIES.length).toBeGreaterThan(0.9);
  });

  test("promql - our engine answers as Prometheus does", async () => {
    const source = new MemorySource();
    for (const { labels, samples } of SERIES) source.append(labels, samples);
    const engine = new Engine();
    const found = await differences(prometheusUrl, async ({ text }) => {
      try {
        const expression = parseExpression(text, { experimentalFunctions: true });
        return answerOf(await engine.query(source, expression, RANGE, { text }));
      } catch (thrown) {
        return { kind: "refused", message: messageOf(thrown) };
      }
    });
    expect(found).toEqual([]);
  });

  test("promql - a known difference is one", async () => {
    for (const { queries } of KNOWN_DIFFERENCES)
      expect(QUERIES.filter(({ text }) => queries.test(text))).not.toEqual([]);
  });

  test(
    "promql - standalone answers over HTTP as Prometheus does",
    async () => {
      const standalone = await startStandalone({ args: ["--enable-feature=promql-experimental-functions"] });
      try {
        await write(standalone.url);
        const stored = async (): Promise<number | undefined> =>
          queryValue(standalone.url, 'sum(count_over_time({__name__=~".+"}[2h]))', END_MS / 1000);
        // Stale markers are stored, but do not count.
        await eventually(async () => (await stored()) === FLOAT_COUNT);
        const found = await differences(prometheusUrl, async ({ text }) => askRange(standalone.url, text, RANGE));
        expect(found).toEqual([]);
      } finally {
        await standalone.stop();
      }
    },
    STANDALONE_TIMEOUT_MS,
  );
});
