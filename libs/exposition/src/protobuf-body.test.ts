import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { ExpositionError } from "./exposition-error.ts";
import type { ParsedScrape } from "./parsed-scrape.ts";
import { parseProtobufBody, type ProtobufOptions, schemaOfBucketFactor } from "./protobuf-body.ts";
import { encodeFamilies } from "./protobuf-fixture.ts";
import { ScrapeBodyParser } from "./scrape-body-parser.ts";

const NATIVE: ProtobufOptions = { nativeHistograms: true, classicBesideNative: false, bucketLimit: 0, maxSchema: 8 };
const CLASSIC: ProtobufOptions = { ...NATIVE, nativeHistograms: false };

type Family = Readonly<Record<string, unknown>>;

class Bench {
  readonly parser = new ScrapeBodyParser();

  parse(families: readonly Family[], options = NATIVE): ParsedScrape {
    return parseProtobufBody(this.parser, encodeFamilies(families), options);
  }

  /** `series value @timestamp`, a native histogram by its count. */
  samples(families: readonly Family[], options = NATIVE): string[] {
    const { count, slots, values, timestamps, histograms } = this.parse(families, options);
    return Array.from({ length: count }, (_, i) => {
      const native = histograms.find(({ sample }) => sample === i)?.histogram;
      const value = native === undefined ? String(values[i]) : `histogram(${native.count})`;
      const at = timestamps[i] ?? Number.NaN;
      return `${this.parser.labelsOf(slots[i] ?? -1).toString()} ${value}${Number.isNaN(at) ? "" : ` @${at}`}`;
    });
  }
}

const label = (name: string, value: string): object => ({ name, value });
const exemplar = (value: number, seconds?: number): object => ({
  label: [label("trace_id", `t${value}`)],
  value,
  ...(seconds === undefined ? {} : { timestamp: { seconds, nanos: 250_000_000 } }),
});

const LATENCY: Family = {
  name: "latency_seconds",
  help: 'a "help"\nof two lines',
  type: 4,
  metric: [
    {
      label: [label("path", "/a")],
      histogram: {
        sample_count: 6,
        sample_sum: 7.5,
        bucket: [
          { cumulative_count: 2, upper_bound: 0.5, exemplar: exemplar(0.4, 100) },
          { cumulative_count: 5, upper_bound: 1, exemplar: exemplar(0.9) },
        ],
        schema: 1,
        zero_threshold: 0.001,
        zero_count: 1,
        positive_span: [
          { offset: -1, length: 2 },
          { offset: 1, length: 1 },
        ],
        positive_delta: [2, -1, 1],
      },
    },
  ],
};

describe("protobuf body", () => {
  test("protobuf body - counters, gauges, untyped values and summaries", () => {
    const families = [
      { name: "requests_total", type: 0, metric: [{ label: [label("code", "200")], counter: { value: 3 } }] },
      { name: "temperature", type: 1, metric: [{ gauge: { value: -1.5 }, timestamp_ms: 1234 }] },
      { name: "anything", type: 3, metric: [{ untyped: { value: Infinity } }] },
      {
        name: "rpc_seconds",
        type: 2,
        metric: [{ summary: { sample_count: 4, sample_sum: 2, quantile: [{ quantile: 1, value: 0.75 }] } }],
      },
    ];
    expect(new Bench().samples(families)).toEqual([
      'requests_total{code="200"} 3',
      "temperature -1.5 @1234",
      "anything Infinity",
      "rpc_seconds_count 4",
      "rpc_seconds_sum 2",
      'rpc_seconds{quantile="1.0"} 0.75',
    ]);
  });

  const CLASSIC_LATENCY = [
    'latency_seconds_count{path="/a"} 6',
    'latency_seconds_sum{path="/a"} 7.5',
    'latency_seconds_bucket{le="0.5", path="/a"} 2',
    'latency_seconds_bucket{le="1.0", path="/a"} 5',
    'latency_seconds_bucket{le="+Inf", path="/a"} 6',
  ];

  test("protobuf body - a native histogram comes alone, with its classic form, or not at all", () => {
    const native = 'latency_seconds{path="/a"} histogram(6)';
    expect(new Bench().samples([LATENCY])).toEqual([native]);
    expect(new Bench().samples([LATENCY], { ...NATIVE, classicBesideNative: true })).toEqual([
      native,
      ...CLASSIC_LATENCY,
    ]);
    expect(new Bench().samples([LATENCY], CLASSIC)).toEqual(CLASSIC_LATENCY);
  });

  test("protobuf body - a native histogram has its buckets, and hints only as a gauge", () => {
    const [found] = new Bench().parse([LATENCY]).histograms;
    expect(found?.histogram).toMatchObject({
      schema: 1,
      counterResetHint: "unknown",
      zeroThreshold: 0.001,
      zeroCount: 1,
      count: 6,
      sum: 7.5,
      positiveOffset: -1,
      positiveBuckets: [2, 1, 0, 2],
      negativeBuckets: [],
    });
    const gauge = new Bench().parse([{ ...LATENCY, type: 5 }]);
    expect(gauge.histograms[0]?.histogram.counterResetHint).toBe("gauge");
  });

  test("protobuf body - float histograms keep their counts", () => {
    const histogram = {
      sample_count_float: 2.5,
      zero_count_float: 0.5,
      positive_span: [{ offset: 0, length: 1 }],
      positive_count: [2],
    };
    const [found] = new Bench().parse([{ name: "h", type: 4, metric: [{ histogram }] }]).histograms;
    expect(found?.histogram).toMatchObject({ count: 2.5, zeroCount: 0.5, positiveBuckets: [2] });
  });

  test("protobuf body - exemplars of counters, buckets and native histograms, the last with their times only", () => {
    const counter = { name: "c_total", type: 0, metric: [{ counter: { value: 1, exemplar: exemplar(7) } }] };
    const shown = (options: ProtobufOptions): unknown[] =>
      new Bench()
        .parse([counter, LATENCY], options)
        .exemplars.map(({ sample, labels, value, timestampMs }) => [sample, labels.toString(), value, timestampMs]);
    expect(shown(CLASSIC)).toEqual([
      [0, '{trace_id="t7"}', 7, undefined],
      [3, '{trace_id="t0.4"}', 0.4, 100_250],
      [4, '{trace_id="t0.9"}', 0.9, undefined],
    ]);
    expect(shown(NATIVE)).toEqual([
      [0, '{trace_id="t7"}', 7, undefined],
      [1, '{trace_id="t0.4"}', 0.4, 100_250],
    ]);
  });

  test("protobuf body - samples know when their counting began", () => {
    const created = { created_timestamp: { seconds: 7, nanos: 5_999_999 } };
    const counter = { name: "c_total", type: 0, metric: [{ counter: { value: 1, ...created } }, { counter: {} }] };
    const histogram = { name: "h", type: 4, metric: [{ label: [label("a", "b")], histogram: created }] };
    const { starts } = new Bench().parse([counter, histogram], CLASSIC);
    expect(starts).toEqual([0, 2, 3, 4].map((sample) => ({ sample, startMs: 7005 })));
  });

  test("protobuf body - resolution falls until limits are met, then the scrape fails", () => {
    const schemaWith = (bounds: Partial<ProtobufOptions>): number | undefined =>
      new Bench().parse([LATENCY], { ...NATIVE, ...bounds }).histograms[0]?.histogram.schema;
    expect(schemaWith({ bucketLimit: 3 })).toBe(1);
    expect(schemaWith({ bucketLimit: 2 })).toBe(0);
    expect(schemaWith({ maxSchema: -1 })).toBe(-1);
    const wide = {
      sample_count: 2,
      positive_span: [
        { offset: -1000, length: 1 },
        { offset: 2000, length: 1 },
      ],
      positive_delta: [1, 0],
    };
    const family = { name: "h", type: 4, metric: [{ histogram: { ...wide, schema: -4 } }] };
    expect(() => new Bench().parse([family], { ...NATIVE, bucketLimit: 1 })).toThrow("has more than 1 buckets");
  });

  test("protobuf body - the factor between buckets becomes a schema", () => {
    const f = (factor: number, schema: number): void => expect(schemaOfBucketFactor(factor)).toBe(schema);
    f(0, 8);
    f(1.002, 8);
    f(1.1, 3);
    f(2, 0);
    f(4, -1);
    f(65_536, -4);
    f(1e300, -4);
  });

  test("protobuf body - series keep their slots, also where values and the order change", () => {
    const bench = new Bench();
    const family = (...codes: string[]): Family => ({
      name: "requests.total",
      type: 0,
      metric: codes.map((code, i) => ({ label: [label("a.b", code)], counter: { value: i } })),
    });
    const first = bench.parse([family("1", "2", "3")]);
    expect(first.created).toHaveLength(3);
    const slots = [...first.slots.subarray(0, 3)];
    const second = bench.parse([family("3", "1")]);
    expect([...second.slots.subarray(0, 2)]).toEqual([slots[2], slots[0]]);
    expect(second.freed).toEqual([slots[1]]);
    expect(bench.parser.labelsOf(slots[2] ?? -1).toString()).toBe('{__name__="requests.total", "a.b"="3"}');
  });

  test("protobuf body - metadata, whatever the texts", () => {
    const bench = new Bench();
    bench.parse([LATENCY, { name: "size_bytes", type: 5, unit: "bytes" }, { name: "x y", unit: "z", type: 99 }]);
    expect(bench.parser.metadata()).toEqual([
      { metric: "latency_seconds", type: "histogram", help: 'a "help"\nof two lines', unit: "" },
      { metric: "size_bytes", type: "gaugehistogram", help: "", unit: "bytes" },
      { metric: "x y", type: "unknown", help: "", unit: "" },
    ]);
  });
});

describe("protobuf body - hostile input", () => {
  const refuses = (name: string, families: readonly Family[], message: string): void =>
    test(`protobuf body - ${name}`, () => {
      const bench = new Bench();
      bench.parse([LATENCY]);
      expect(() => bench.parse(families)).toThrow(ExpositionError);
      expect(() => bench.parse(families)).toThrow(message);
      expect(bench.parse([LATENCY]).created).toEqual([]);
    });

  const native = (histogram: object): Family[] => [{ name: "h", type: 4, metric: [{ histogram }] }];
  refuses("a family without a name", [{ type: 1 }], "has no name");
  refuses(
    "a label twice",
    [{ name: "a", metric: [{ label: [label("b", "1"), label("b", "2")], counter: {} }] }],
    "only once",
  );
  refuses("a label without a name", [{ name: "a", metric: [{ label: [label("", "1")], counter: {} }] }], "not empty");
  refuses("counts that do not add up", native({ sample_count: 1, zero_count: 2 }), "its count is 1");
  refuses(
    "spans without counts",
    native({ positive_span: [{ offset: 0, length: 4_000_000_000 }] }),
    "more buckets than counts",
  );
  refuses("a schema of the future", native({ schema: 100, zero_count: 1, sample_count: 1 }), "schema 100 is not known");
  const wide = {
    sample_count: 2,
    positive_span: [
      { offset: 0, length: 1 },
      { offset: 8000, length: 1 },
    ],
    positive_delta: [1, 0],
  };
  refuses(
    "gaps that add up to gigabytes",
    [{ name: "h", type: 4, metric: Array.from({ length: 600 }, () => ({ histogram: wide })) }],
    "more than 4194304 buckets",
  );
  const long = {
    label: [label("a", "x".repeat(600_000))],
    histogram: { bucket: Array.from({ length: 500 }, (_, i) => ({ upper_bound: i })) },
  };
  refuses(
    "labels that are repeated to gigabytes",
    [{ name: "h", type: 4, metric: [long] }],
    "too many series with too many labels",
  );

  test("protobuf body - any bytes are read or refused", () => {
    const bench = new Bench();
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => {
        try {
          parseProtobufBody(bench.parser, Buffer.from(bytes), NATIVE);
        } catch (error) {
          expect(error).toBeInstanceOf(ExpositionError);
        }
      }),
      { numRuns: 2000 },
    );
  });

  test("protobuf body - a body with changed bytes is read or refused", () => {
    const good = encodeFamilies([
      LATENCY,
      { name: "s", type: 2, metric: [{ summary: { quantile: [{ quantile: 0.5 }] } }] },
    ]);
    const changes = fc.array(fc.tuple(fc.nat(good.length - 1), fc.integer({ min: 0, max: 255 })), { maxLength: 4 });
    fc.assert(
      fc.property(changes, fc.nat(good.length), (edits, length) => {
        const body = Buffer.from(good.subarray(0, length));
        for (const [at, byte] of edits) if (at < length) body[at] = byte;
        try {
          parseProtobufBody(new ScrapeBodyParser(), body, { ...NATIVE, classicBesideNative: true });
        } catch (error) {
          expect(error).toBeInstanceOf(ExpositionError);
        }
      }),
      { numRuns: 2000 },
    );
  });

  test("protobuf body - what is encoded is read back, whatever names and values", () => {
    const name = fc.string({ minLength: 1, maxLength: 6, unit: "grapheme" });
    const metric = fc.record({
      value: fc.double(),
      labels: fc.uniqueArray(fc.tuple(name, name), { selector: ([one]) => one, maxLength: 3 }),
    });
    fc.assert(
      fc.property(name, metric, (family, { value, labels }) => {
        fc.pre(!labels.some(([one]) => one === "__name__"));
        const bench = new Bench();
        const pairs = labels.map(([one, text]) => label(one, text));
        const parsed = bench.parse([{ name: family, type: 1, metric: [{ label: pairs, gauge: { value } }] }]);
        const found = bench.parser.labelsOf(parsed.slots[0] ?? -1);
        expect(found.metricName).toBe(family);
        for (const [one, text] of labels) expect(found.get(one)).toBe(text);
        expect(parsed.values[0]).toBe(value);
      }),
      { numRuns: 500 },
    );
  });
});
