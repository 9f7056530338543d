import { gunzipSync } from "node:zlib";
import { Labels, wordsOf, writeStaleAt } from "@monotreme/model";
import type { SampleSource, SelectRequest, SeriesSamples } from "@monotreme/promql";
import { compressSnappy, SnappyReader } from "@monotreme/remote-write";
import { describe, expect, test } from "vitest";
import { createFixture, NOW_MS } from "./query-fixture.ts";

function series(labels: Record<string, string>, values: readonly number[], isStale = false): SeriesSamples {
  const timestamps = Float64Array.from(values, (_, i) => NOW_MS - (values.length - 1 - i) * 1000);
  const column = Float64Array.from(values);
  if (isStale) writeStaleAt(wordsOf(column), values.length - 1);
  return { labels: Labels.fromObject(labels), timestamps, values: column };
}

function sourceOf(all: readonly SeriesSamples[], asked: SelectRequest[] = []): SampleSource {
  return {
    select: async (request) => {
      asked.push(request);
      return all.filter(({ labels }) => request.matchers.every((matcher) => matcher.matches(labels.get(matcher.name))));
    },
  };
}

const STORED = [
  series({ __name__: "up", instance: "b", job: "x" }, [0, 1]),
  series({ __name__: "up", instance: "a", cluster: "own" }, [0]),
  series({ __name__: "gone", instance: "a" }, [1, 2], true),
  series({ __name__: "a.dotted", "label.x": "y" }, [2.5]),
];
const externalLabels = () => ({ cluster: "c1" });

describe("federation", () => {
  test("federation - last values with their times, external labels where they are free, no stale series", async () => {
    const { app } = await createFixture({ source: sourceOf(STORED), externalLabels });
    const url = '/federate?match[]={__name__=~".%2B"}&match[]=up';
    const response = await app.inject({ url });
    expect(response.headers["content-type"]).toContain("text/plain; version=0.0.4");
    expect(response.body).toBe(
      [
        "# TYPE a_dotted untyped",
        `a_dotted{cluster="c1",instance="",label_x="y"} 2.5 ${NOW_MS}`,
        "# TYPE up untyped",
        `up{cluster="c1",instance="b",job="x"} 1 ${NOW_MS}`,
        `up{cluster="own",instance="a"} 0 ${NOW_MS}`,
        "",
      ].join("\n"),
    );
    const packed = await app.inject({ url, headers: { "accept-encoding": "gzip" } });
    expect(packed.headers["content-encoding"]).toBe("gzip");
    expect(gunzipSync(packed.rawPayload).toString()).toBe(response.body);
  });

  test("federation - quotes names for clients that take UTF-8", async () => {
    const { app } = await createFixture({ source: sourceOf(STORED) });
    const headers = { accept: "text/plain;version=1.0.0;escaping=allow-utf-8" };
    const response = await app.inject({ url: '/federate?match[]={"a.dotted"}', headers });
    expect(response.body).toBe(`# TYPE "a.dotted" untyped\n{"a.dotted",instance="","label.x"="y"} 2.5 ${NOW_MS}\n`);
  });

  test("federation - looks back as far as queries do", async () => {
    const asked: SelectRequest[] = [];
    const { app } = await createFixture({ source: sourceOf([], asked), lookbackMs: 60_000 });
    await app.inject({ url: "/federate?match[]=up" });
    expect(asked).toMatchObject([{ afterMs: NOW_MS - 60_000, untilMs: NOW_MS }]);
  });

  test("federation - refuses what is no selector, and gives nothing where nothing is asked", async () => {
    const { app } = await createFixture();
    expect((await app.inject({ url: "/federate?match[]=sum(up)" })).statusCode).toBe(400);
    const empty = await app.inject({ url: "/federate" });
    expect([empty.statusCode, empty.body]).toEqual([200, ""]);
  });
});

/** A ReadRequest for `up` and the given matcher on `cluster`, by hand. */
function readRequest(cluster: string, types: readonly number[]): Buffer {
  const text = (field: number, value: string): number[] => [field, value.length, ...Buffer.from(value)];
  const matcher = (name: string, value: string): number[] => {
    const fields = [...text(0x12, name), ...text(0x1a, value)];
    return [0x1a, fields.length, ...fields];
  };
  const end = [0x10, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x0f];
  const query = [...end, ...matcher("__name__", "up"), ...matcher("cluster", cluster)];
  const bytes = [0x0a, query.length, ...query, ...types.flatMap((type) => [0x10, type])];
  return Buffer.from(compressSnappy(Uint8Array.from(bytes)));
}

describe("remote read", () => {
  const headers = { "content-type": "application/x-protobuf", "content-encoding": "snappy" };
  const post = { method: "POST", url: "/api/v1/read", headers } as const;

  test("remote read - samples in one snappy block; matchers on external labels are not asked of the store", async () => {
    const asked: SelectRequest[] = [];
    const { app } = await createFixture({ source: sourceOf(STORED, asked), externalLabels });
    const response = await app.inject({ ...post, payload: readRequest("c1", [0]) });
    expect(response.headers).toMatchObject({ "content-type": "application/x-protobuf", "content-encoding": "snappy" });
    expect(asked.map(({ matchers }) => matchers.map(String))).toEqual([['__name__="up"']]);
    expect(asked).toMatchObject([{ afterMs: -1, untilMs: 2 ** 46 - 1 }]);
    const body = Buffer.from(new SnappyReader().uncompress(response.rawPayload)).toString("latin1");
    expect(body.match(/own|c1/g)).toEqual(["c1", "own"]);
  });

  test("remote read - streams chunks to clients that prefer them", async () => {
    const { app } = await createFixture({ source: sourceOf(STORED) });
    const response = await app.inject({ ...post, payload: readRequest("own", [1, 0]) });
    expect(response.headers["content-type"]).toBe(
      "application/x-streamed-protobuf; proto=prometheus.ChunkedReadResponse",
    );
    expect(response.rawPayload[0]).toBe(response.rawPayload.length - 5);
  });

  test("remote read - histograms come as samples, or not at all where only chunks are taken", async () => {
    const histogram = {
      schema: 0,
      counterResetHint: "unknown",
      zeroThreshold: 0,
      zeroCount: 0,
      count: 1,
      sum: 1,
      positiveOffset: 0,
      positiveBuckets: [1],
      negativeOffset: 0,
      negativeBuckets: [],
      customBounds: [],
    } as const;
    const stored = [{ ...series({ __name__: "up", cluster: "own" }, [0]), histograms: [histogram] }];
    const { app } = await createFixture({ source: sourceOf(stored) });
    const both = await app.inject({ ...post, payload: readRequest("own", [1, 0]) });
    expect(both.headers["content-type"]).toBe("application/x-protobuf");
    const chunks = await app.inject({ ...post, payload: readRequest("own", [1]) });
    expect([chunks.statusCode, chunks.json().error]).toEqual([400, expect.stringMatching(/native histograms/)]);
  });

  test("remote read - the limit of samples is a fault of the request", async () => {
    const { app } = await createFixture({ source: sourceOf(STORED), maxSamples: 1 });
    const asked = await app.inject({ ...post, payload: readRequest("", [1]) });
    expect([asked.statusCode, asked.json().error]).toEqual([400, "exceeded sample limit (1)"]);
  });

  test("remote read - refuses bodies that it cannot read", async () => {
    const { app } = await createFixture();
    const payload = Buffer.from("nonsense");
    expect((await app.inject({ ...post, payload })).statusCode).toBe(400);
    expect((await app.inject(post)).statusCode).toBe(400);
    expect((await app.inject({ url: "/api/v1/read" })).statusCode).toBe(405);
  });
});
