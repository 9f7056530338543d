import { ScrapeBodyParser } from "@monotreme/exposition";
import { createSeriesHasher, Labels } from "@monotreme/model";
import { compileRelabelConfigs, DEFAULT_RELABEL_CONFIG, type RelabelConfig } from "@monotreme/relabel";
import { describe, expect, test } from "vitest";
import { RecordingSink } from "./recording-sink.ts";
import { ScrapeBatch } from "./scrape-batch.ts";
import { type ScrapeCounts, ScrapeSeries, type ScrapeSeriesOptions } from "./scrape-series.ts";

const hasher = await createSeriesHasher();
const START = 20_000.5 * 86_400_000;

/** Scrapes bodies one second apart and publishes each at once. */
class Bench {
  readonly sink = new RecordingSink();
  readonly parser = new ScrapeBodyParser();
  readonly series: ScrapeSeries;
  timeMs = START;

  constructor(options: Partial<ScrapeSeriesOptions> = {}, relabel: readonly Partial<RelabelConfig>[] = []) {
    this.series = new ScrapeSeries(this.parser, {
      tenant: "t",
      hasher,
      partitionOf: () => 0,
      targetLabels: Labels.EMPTY,
      honorLabels: false,
      metricRelabel: compileRelabelConfigs(relabel.map((step) => ({ ...DEFAULT_RELABEL_CONFIG, ...step }))),
      honorTimestamps: true,
      trackTimestampsStaleness: false,
      sampleLimit: 0,
      storeStarts: false,
      labelLimit: 0,
      labelNameLengthLimit: 0,
      labelValueLengthLimit: 0,
      scheme: "utf8",
      ...options,
    });
  }

  async scrape(body: string): Promise<ScrapeCounts> {
    const batch = new ScrapeBatch();
    const counts = this.accept(body, batch);
    await this.publish(batch);
    return counts;
  }

  accept(body: string, batch: ScrapeBatch): ScrapeCounts {
    this.timeMs += 1000;
    const format = body.endsWith("# EOF\n") ? "openmetrics" : "text";
    return this.series.accept(this.parser.parse(Buffer.from(body), format), this.timeMs, batch);
  }

  async fail(): Promise<void> {
    this.timeMs += 1000;
    const batch = new ScrapeBatch();
    this.series.markAllStale(this.timeMs, batch);
    await this.publish(batch);
  }

  async publish(batch: ScrapeBatch): Promise<number> {
    const append = this.sink.begin();
    const nameless = batch.writeTo(append);
    await append.commit();
    return nameless;
  }
}

describe("scrape series", () => {
  test("scrape series - a series that vanishes gets one stale marker and lives again when it returns", async () => {
    const bench = new Bench();
    await bench.scrape("a 1\nb 2\n");
    await bench.scrape("a 1\n");
    await bench.scrape("a 1\n");
    await bench.scrape("b 3\na 1\n");
    expect(bench.sink.valuesOf("b")).toEqual([2, "stale", 3]);
    expect(bench.sink.valuesOf("a")).toEqual([1, 1, 1, 1]);
  });

  test("scrape series - a failed scrape marks all once; series that never come back are not marked again", async () => {
    const bench = new Bench();
    await bench.scrape("a 1\nb 2\n");
    await bench.fail();
    await bench.fail();
    await bench.scrape("a 1\n");
    expect(bench.sink.valuesOf("b")).toEqual([2, "stale"]);
    expect(bench.sink.valuesOf("a")).toEqual([1, "stale", 1]);
  });

  test("scrape series - each series is announced once, and again on the next day", async () => {
    const bench = new Bench();
    await bench.scrape("a 1\n");
    await bench.scrape("a 1\n");
    expect(bench.sink.announced).toHaveLength(1);
    bench.timeMs += 86_400_000;
    await bench.scrape("a 1\n");
    expect(bench.sink.announced.map(({ day }) => day)).toEqual([20_000, 20_001]);
  });

  test("scrape series - an announcement counts only once its batch is durable", async () => {
    const bench = new Bench();
    const lost = new ScrapeBatch();
    bench.accept("a 1\n", lost);
    await bench.scrape("a 2\n");
    expect(bench.sink.valuesOf("a")).toEqual([2]);
    await bench.publish(lost);
    expect(bench.sink.valuesOf("a")).toEqual([2, 1]);
  });

  test("scrape series - samples whose series ended before its labels were durable are left out and counted", async () => {
    const bench = new Bench();
    const late = new ScrapeBatch();
    bench.accept("a 1\nb 1\n", late);
    const counts = await bench.scrape("a 2\n");
    expect(counts.lostMarkers).toBe(1);
    expect(await bench.publish(late)).toBe(1);
    expect(bench.sink.samples.map(({ series }) => series)).toEqual(["a", "a"]);
  });

  test("scrape series - a slot that stands for another series by now keeps neither's labels", async () => {
    const bench = new Bench();
    const late = new ScrapeBatch();
    bench.accept("a 1\n", late);
    await bench.scrape("");
    await bench.scrape("c 1\n");
    expect(await bench.publish(late)).toBe(1);
    expect(bench.sink.samples.map(({ series }) => series)).toEqual(["c"]);
  });

  test("scrape series - duplicates are dropped and counted, the first of them stays", async () => {
    const bench = new Bench();
    expect(await bench.scrape("a 1\na 2\n")).toMatchObject({ scraped: 2, afterRelabel: 2, duplicates: 1 });
    expect(await bench.scrape("a 3\n")).toMatchObject({ duplicates: 0 });
    expect(bench.sink.valuesOf("a")).toEqual([1, 3]);
  });

  test("scrape series - two exposed series that relabelling makes one are duplicates, until one is gone", async () => {
    const bench = new Bench({}, [{ action: "labeldrop", regex: "x" }]);
    expect(await bench.scrape('a{x="1"} 1\na{x="2"} 2\n')).toMatchObject({ duplicates: 1 });
    expect(await bench.scrape('a{x="2"} 3\n')).toMatchObject({ duplicates: 0 });
    expect(bench.sink.valuesOf("a").at(-1)).toBe(3);
  });

  test("scrape series - dropped by relabelling counts as scraped only", async () => {
    const bench = new Bench({}, [{ action: "drop", sourceLabels: ["__name__"], regex: "b" }]);
    expect(await bench.scrape("a 1\nb 1\n")).toMatchObject({ scraped: 2, afterRelabel: 1, added: 1 });
    expect(await bench.scrape("a 1\n")).toMatchObject({ scraped: 1, afterRelabel: 1, added: 0 });
    expect(bench.sink.samples.map(({ series }) => series)).toEqual(["a", "a"]);
  });

  test("scrape series - timestamps of the target's own are kept and bring no stale marker", async () => {
    const bench = new Bench();
    await bench.scrape(`a 1 ${START - 5000}\n`);
    await bench.scrape("");
    expect(bench.sink.samples).toEqual([{ series: "a", timestampMs: START - 5000, value: 1 }]);
  });

  test("scrape series - with tracking they do bring one, and honor_timestamps: false uses the scrape's time", async () => {
    const tracking = new Bench({ trackTimestampsStaleness: true });
    await tracking.scrape(`a 1 ${START}\n`);
    await tracking.scrape("");
    expect(tracking.sink.valuesOf("a")).toEqual([1, "stale"]);
    const ignoring = new Bench({ honorTimestamps: false });
    await ignoring.scrape(`a 1 ${START - 5000}\n`);
    expect(ignoring.sink.samples[0]?.timestampMs).toBe(START + 1000);
  });

  test("scrape series - one series may come with several timestamps, each once", async () => {
    const bench = new Bench();
    const counts = await bench.scrape(`a 1 ${START}\na 2 ${START + 1}\na 3 ${START}\n`);
    expect(counts.duplicates).toBe(1);
    expect(bench.sink.valuesOf("a")).toEqual([1, 2]);
  });

  test("scrape series - timestamps far ahead or far back are dropped and counted", async () => {
    const bench = new Bench();
    const ahead = START + 1000 + 600_001;
    expect(await bench.scrape(`a 1 ${ahead}\nb 1 1\nc 1 ${ahead - 1}\n`)).toMatchObject({ outOfBounds: 2 });
    expect(bench.sink.samples.map(({ series }) => series)).toEqual(["c"]);
  });

  test("scrape series - a sample of yesterday is announced for yesterday, once", async () => {
    const bench = new Bench();
    const yesterday = START - 43_200_000 - 1000;
    for (let i = 0; i < 3; i++) await bench.scrape(`a 1 ${yesterday}\n`);
    expect(bench.sink.announced.map(({ day }) => day)).toEqual([20_000, 19_999]);
  });

  test("scrape series - above the sample limit nothing is stored, and the counts are told", async () => {
    const bench = new Bench({ sampleLimit: 2 });
    await bench.scrape("a 1\nb 1\n");
    await expect(bench.scrape("a 1\nb 1\nc 1\n")).rejects.toMatchObject({
      reason: "sample-limit",
      scraped: 3,
      afterRelabel: 3,
    });
    await bench.fail();
    expect(bench.sink.valuesOf("a")).toEqual([1, "stale"]);
  });

  test("scrape series - a series over a label limit fails the scrape as long as it is there", async () => {
    const bench = new Bench({ labelLimit: 1 });
    for (let i = 0; i < 2; i++) {
      await expect(bench.scrape('a 1\nb{x="1"} 1\n')).rejects.toMatchObject({ reason: "label-limit" });
    }
    expect(await bench.scrape("a 1\n")).toMatchObject({ afterRelabel: 1 });
  });
});

describe("scrape series - exemplars and histograms", () => {
  const om = (...lines: string[]): string => [...lines, "# EOF\n"].join("\n");
  const START_SECONDS = START / 1000;

  test("scrape series - an exemplar is stored when it is new, with its own time or the scrape's", async () => {
    const bench = new Bench();
    const dated = (value: number, seconds: number): string => `a_total 1 # {trace_id="x"} ${value} ${seconds}`;
    await bench.scrape(om(dated(1, START_SECONDS), 'b_total 1 # {trace_id="y"} 5'));
    await bench.scrape(om(dated(1, START_SECONDS), 'b_total 2 # {trace_id="y"} 5'));
    await bench.scrape(om(dated(2, START_SECONDS + 1), 'b_total 2 # {trace_id="y"} 6'));
    expect(bench.sink.exemplars).toEqual([
      { series: "a_total", timestampMs: START, value: 1 },
      { series: "b_total", timestampMs: START + 1000, value: 5 },
      { series: "a_total", timestampMs: START + 1000, value: 2 },
      { series: "b_total", timestampMs: START + 3000, value: 6 },
    ]);
  });

  test("scrape series - exemplars that are too long or too far away are counted, dropped series have none", async () => {
    const bench = new Bench({}, [{ sourceLabels: ["__name__"], regex: "c_total", action: "drop" }]);
    const counts = await bench.scrape(
      om(
        `a_total 1 # {trace_id="${"x".repeat(121)}"} 1`,
        `b_total 1 # {trace_id="x"} 1 ${START_SECONDS + 602}`,
        'c_total 1 # {trace_id="x"} 1',
        `d_total 1 # {trace_id="${"x".repeat(120)}"} 1`,
      ),
    );
    expect(counts.droppedExemplars).toBe(2);
    expect(bench.sink.exemplars.map(({ series }) => series)).toEqual(["d_total"]);
  });

  test("scrape series - a native histogram takes the place of its sample and ends with a stale marker", async () => {
    const bench = new Bench();
    const histogram = {
      schema: 0,
      counterResetHint: "unknown",
      zeroThreshold: 0,
      zeroCount: 1,
      count: 1,
      sum: 0,
      positiveOffset: 0,
      positiveBuckets: [],
      negativeOffset: 0,
      negativeBuckets: [],
      customBounds: [],
    } as const;
    const batch = new ScrapeBatch();
    bench.timeMs += 1000;
    const parsed = bench.parser.parse(Buffer.from("a 1\nh 0\nb 2\n"), "text");
    bench.series.accept({ ...parsed, histograms: [{ sample: 1, histogram }] }, bench.timeMs, batch);
    await bench.publish(batch);
    await bench.scrape("a 1\n");
    expect(bench.sink.histograms).toEqual([{ series: "h", timestampMs: START + 1000, histogram }]);
    expect(bench.sink.valuesOf("h")).toEqual(["stale"]);
    expect(bench.sink.valuesOf("b")).toEqual([2, "stale"]);
  });

  test("scrape series - starts are stored where that is switched on, but none that lies ahead", async () => {
    const f = async (storeStarts: boolean): Promise<unknown> => {
      const bench = new Bench({ storeStarts });
      const batch = new ScrapeBatch();
      bench.timeMs += 1000;
      const parsed = bench.parser.parse(Buffer.from("a 1\nb 2\n"), "text");
      const starts = [
        { sample: 0, startMs: START - 5 },
        { sample: 1, startMs: START + 1001 },
      ];
      bench.series.accept({ ...parsed, starts }, bench.timeMs, batch);
      await bench.publish(batch);
      return bench.sink.starts;
    };
    expect(await f(true)).toEqual([{ series: "a", timestampMs: START + 1000, startMs: START - 5 }]);
    expect(await f(false)).toEqual([]);
  });
});
