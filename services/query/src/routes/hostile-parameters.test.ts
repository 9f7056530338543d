import fc from "fast-check";
import { beforeAll, describe, expect, test } from "vitest";
import { createFixture, type Fixture, NOW_MS } from "./query-fixture.ts";

/** Percent-encoded bytes: valid UTF-8 or not, controls, and what means something in an address. */
const anyBytes = fc
  .uint8Array({ maxLength: 60 })
  .map((bytes) => [...bytes].map((byte) => `%${byte.toString(16).padStart(2, "0")}`).join(""));
const anyText = fc.oneof(
  fc.string({ unit: "binary", maxLength: 40 }),
  fc.constantFrom(
    "-1",
    "1e308",
    "-1e308",
    "NaN",
    "Inf",
    "0x10",
    "1_0",
    "9".repeat(400),
    "1h1h",
    "-5m",
    "2024-13-45T99:99:99Z",
  ),
  fc.constantFrom("292277025-08-18T07:12:54.999999999Z", "0001-01-01T00:00:00Z", "1e-320", "5m[", "__proto__", "\0"),
);
const word = fc.constantFrom(
  ..."up sum rate topk quantile histogram_quantile label_replace by without on ignoring group_left bool offset".split(
    " ",
  ),
  ..."( ) { } [ ] , : = != =~ !~ + - * / % ^ == > and or unless @ start() end() 5m 1h 0 1 -1 1e308 NaN Inf".split(" "),
  "x",
  '"a"',
  '"(a+)+$"',
  "'\\xff'",
  "`",
  '"',
  "#",
  "1d1d",
  "up[5m]",
  'up{a=~".*"}',
  "up[1h:1s]",
  "{__name__=~'.+'}",
);
const anyQuery = fc.oneof(
  anyBytes,
  anyText.map((text) => encodeURIComponent(Buffer.from(text).toString())),
  fc.array(word, { maxLength: 14 }).map((words) => encodeURIComponent(words.join(" "))),
);
const anyParameter = fc.oneof(
  anyBytes,
  anyText.map((text) => encodeURIComponent(Buffer.from(text).toString())),
);

const ERROR_TYPES: Readonly<Record<number, string>> = { 400: "bad_data", 422: "execution" };

let fixture: Fixture;

beforeAll(async () => {
  fixture = await createFixture({ maxSamples: 5000 });
});

/** Success, or a fault of the request in Prometheus' words. */
async function answersInManners(url: string): Promise<void> {
  const response = await fixture.app.inject({ url });
  if (response.statusCode === 204) return;
  const answer = response.json();
  if (response.statusCode === 200) expect(answer.status).toBe("success");
  else {
    const errorType = ERROR_TYPES[response.statusCode];
    expect(answer).toEqual({ status: "error", errorType, error: expect.stringMatching(/./s) });
    expect(errorType).toBeDefined();
    expect(answer.error).not.toMatch(/\n\s+at |TypeError|RangeError/);
  }
}

const RANGE = `start=${NOW_MS / 1000 - 60}&end=${NOW_MS / 1000}`;

describe("hostile parameters", () => {
  const f = (name: string, url: fc.Arbitrary<string>, numRuns = 200): void =>
    test(`hostile parameters - ${name}`, async () => {
      await fc.assert(fc.asyncProperty(url, answersInManners), { numRuns });
    });
  f(
    "queries",
    anyQuery.map((query) => `/api/v1/query?query=${query}`),
    600,
  );
  f(
    "range queries",
    anyQuery.map((query) => `/api/v1/query_range?query=${query}&${RANGE}&step=15`),
    400,
  );
  f(
    "times and steps",
    fc
      .tuple(anyParameter, anyParameter, anyParameter)
      .map(([start, end, step]) => `/api/v1/query_range?query=up&start=${start}&end=${end}&step=${step}`),
  );
  f(
    "time, timeout, limit, look-back and stats",
    fc
      .tuple(anyParameter, anyParameter, anyParameter, anyParameter, anyParameter)
      .map(
        ([time, timeout, limit, lookback, stats]) =>
          `/api/v1/query?query=up&time=${time}&timeout=10s${timeout}&limit=${limit}&lookback_delta=${lookback}&stats=${stats}`,
      ),
  );
  f(
    "matchers",
    anyQuery.map((match) => `/api/v1/series?match[]=${match}`),
    300,
  );
  f(
    "matchers of labels",
    anyQuery.map((match) => `/api/v1/labels?match[]=${match}&start=1&end=2`),
  );
  f(
    "syntax trees",
    anyQuery.map((query) => `/api/v1/parse_query?query=${query}`),
  );
  f(
    "formatted queries",
    anyQuery.map((query) => `/api/v1/format_query?query=${query}`),
  );
  f(
    "exemplars",
    anyQuery.map((query) => `/api/v1/query_exemplars?query=${query}&${RANGE}`),
  );
  f(
    "limits of the status",
    anyParameter.map((limit) => `/api/v1/status/tsdb?limit=${limit}`),
  );
  f(
    "metadata",
    fc.tuple(anyParameter, anyParameter).map(([metric, limit]) => `/api/v1/metadata?metric=${metric}&limit=${limit}`),
  );

  test("hostile parameters - a fault in a query is told with its position", async () => {
    const response = await fixture.app.inject({ url: "/api/v1/query?query=up%0A%2B%2B%20%26" });
    expect([response.statusCode, response.json().errorType]).toEqual([400, "bad_data"]);
    expect(response.json().error).toMatch(/^invalid parameter "query": 2:\d+: parse error: /);
  });

  test("hostile parameters - patterns that make others hang are answered at once", async () => {
    const pattern = encodeURIComponent(`up{a=~"${"(a*)*".repeat(10)}$"}`);
    await answersInManners(`/api/v1/query?query=${pattern}`);
  });

  const f2 = (name: string, url: fc.Arbitrary<string>): void =>
    test(`hostile parameters - ${name}`, async () => {
      await fc.assert(
        fc.asyncProperty(url, async (path) => {
          const { statusCode, body } = await fixture.app.inject({ url: path });
          expect(statusCode).toBeLessThan(500);
          expect(body).not.toMatch(/\n\s+at /);
        }),
        { numRuns: 200 },
      );
    });
  f2(
    "names in paths",
    anyParameter.map((name) => `/api/v1/label/${name}/values`),
  );
  f2(
    "federation",
    anyQuery.map((match) => `/federate?match[]=${match}`),
  );
});
