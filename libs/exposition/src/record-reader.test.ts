import { NORMAL_NAN_HIGH, NORMAL_NAN_LOW, wordsOf } from "@monotreme/model";
import { expect, test } from "vitest";
import { ExpositionError } from "./exposition-error.ts";
import { ScrapeBodyParser } from "./scrape-body-parser.ts";
import type { TextFormat } from "./scrape-protocol.ts";

function samplesOf(text: string, format: TextFormat): string[] {
  const parser = new ScrapeBodyParser();
  const scrape = parser.parse(Buffer.from(text), format);
  return Array.from(scrape.slots.subarray(0, scrape.count), (slot, i) => {
    const timestamp = scrape.timestamps[i] ?? Number.NaN;
    const suffix = Number.isNaN(timestamp) ? "" : ` @${timestamp}`;
    return `${parser.labelsOf(slot).toString()} ${scrape.values[i]}${suffix}`;
  });
}

function reads(format: TextFormat, text: string, ...samples: string[]): void {
  test(`${format} - reads ${JSON.stringify(text)}`, () => {
    expect(samplesOf(text, format)).toEqual(samples);
  });
}

reads("text", "");
reads("text", "\n\n  \n# a comment\n#another\n# HELPER x\n# TYPE\n");
reads("text", "a 1\nb 2\n", "a 1", "b 2");
reads("text", "a 1", "a 1");
reads("text", "a{} 1\n", "a 1");
reads("text", 'a{b="c"}1\n', 'a{b="c"} 1');
reads("text", ' a \t{ b = "c" , d="e" , } \t 1 \t 1234 \n', 'a{b="c", d="e"} 1 @1234');
reads("text", 'a{b="c" d="e"} 1\n', 'a{b="c", d="e"} 1');
reads("text", 'a{z="1",b="",a="2"} 1\n', 'a{a="2", z="1"} 1');
reads("text", 'a{b="x\\"y\\\\z\\n\\q"} 1\n', 'a{b="x\\"y\\\\z\\n\\\\q"} 1');
reads("text", 'a{b="}{,# 1"} 1\n', 'a{b="}{,# 1"} 1');
reads("text", 'a{b="über 🦆"} 1\n', 'a{b="über 🦆"} 1');
reads("text", '{"my.metric"} 1\n', '{__name__="my.metric"} 1');
reads("text", '{"my.metric",l="v"} 1 5\n', '{__name__="my.metric", l="v"} 1 @5');
reads("text", '{l="v","my \\"metric\\"","dotted.l"="w",} 1\n', '{__name__="my \\"metric\\"", "dotted.l"="w", l="v"} 1');
reads("text", "a +Inf\nb -Inf\nc NaN\nd 1e-07\ne 0.1\n", "a Infinity", "b -Infinity", "c NaN", "d 1e-7", "e 0.1");
reads("text", ":a:b 123456789012345678\n", ":a:b 123456789012345680");
reads("text", `a 1 ${"0".repeat(30)}5\n`, "a 1 @5");
reads("text", "a 1\na 2\n", "a 1", "a 2");
reads("openmetrics", "# EOF");
reads("openmetrics", "# EOF\n");
reads("openmetrics", "a_total 1\n# EOF\n", "a_total 1");
reads("openmetrics", "a_total 1 1.5\n# EOF\n", "a_total 1 @1500");
reads("openmetrics", "a 1 -1e3\n# EOF\n", "a 1 @-1000000");
reads("openmetrics", 'a{b="c",} 1\na_created{b="c"} 1.7e9\n# EOF\n', 'a{b="c"} 1', 'a_created{b="c"} 1700000000');
reads("openmetrics", '{"my.metric",l="v"} 1\n# EOF\n', '{__name__="my.metric", l="v"} 1');
reads(
  "openmetrics",
  '# TYPE x info\nx_info{v="1"} 1\n# TYPE s stateset\ns{s="a"} 0\n# EOF\n',
  'x_info{v="1"} 1',
  's{s="a"} 0',
);

function refuses(format: TextFormat, text: string | Buffer, line: number, message: RegExp): void {
  test(`${format} - refuses ${JSON.stringify(text.toString())}`, () => {
    let thrown: unknown;
    try {
      new ScrapeBodyParser().parse(Buffer.from(text), format);
    } catch (error) {
      thrown = error;
    }
    if (!(thrown instanceof ExpositionError)) throw new Error(`no ExpositionError but ${String(thrown)}`);
    expect([thrown.code, thrown.kind, thrown.line]).toEqual(["EXPOSITION_INVALID", "invalid", line]);
    expect(thrown.message).toMatch(message);
  });
}

refuses("text", "a 1\nb\n", 2, /^line 2: expected a value after the series at byte 2 of "b"$/);
refuses("text", "a x\n", 1, /expected a value/);
refuses("text", "a 1\r\n", 1, /expected a value/);
refuses("text", "a 1e999\n", 1, /expected a value/);
refuses("text", "a 1 1.5\n", 1, /expected the end of the line after the timestamp/);
refuses("text", "a 1 x\n", 1, /expected a timestamp in whole milliseconds/);
refuses("text", "a 1 -5\n", 1, /expected a timestamp in whole milliseconds/);
refuses("text", "a 1 9223372036854775808\n", 1, /expected a timestamp in whole milliseconds/);
refuses("text", `a 1 ${"0".repeat(30)}12345678901234567890\n`, 1, /expected a timestamp in whole milliseconds/);
refuses("text", "a 1 5 6\n", 1, /expected the end of the line/);
refuses("text", "1a 1\n", 1, /expected a metric name/);
refuses("text", "a\0 1\n", 1, /expected a value/);
refuses("text", "\0\n", 1, /expected a metric name/);
refuses("text", "a{b} 1\n", 1, /expected `=`/);
refuses("text", 'a{b="c" 1\n', 1, /expected a label name/);
refuses("text", "a{b=c} 1\n", 1, /expected a quoted label value/);
refuses("text", 'a{b="c\n', 1, /expected a closing quote/);
refuses("text", 'a{b="c\\\n"} 1\n', 1, /expected no line end after a backslash/);
refuses("text", 'a{b="c",,} 1\n', 1, /expected a label name/);
refuses("text", 'a{b="c",b="d"} 1\n', 1, /expected every label name only once/);
refuses("text", 'a{__name__="b"} 1\n', 1, /expected every label name only once/);
refuses("text", 'a{"b"} 1\n', 1, /expected only one metric name/);
refuses("text", '{l="v"} 1\n', 1, /expected a metric name inside the braces/);
refuses("text", '{""} 1\n', 1, /expected a name that is not empty/);
refuses("text", 'a{""="b"} 1\n', 1, /expected a name that is not empty/);
refuses("text", 'a{x:y="b"} 1\n', 1, /expected `=`/);
refuses("text", Buffer.from([97, 123, 98, 61, 34, 0xff, 34, 125, 32, 49, 10]), 1, /expected valid UTF-8/);
refuses("text", Buffer.from([...Buffer.from("# HELP a "), 0xc0, 10]), 1, /expected valid UTF-8/);
refuses("text", "ok 1\n# TYPE a wrong\n", 2, /expected a metric type/);
refuses("text", "# TYPE a info\n", 1, /expected a metric type/);
refuses("text", "# TYPE 1 gauge\n", 1, /expected a metric name after TYPE/);
refuses("openmetrics", "", 1, /expected `# EOF`/);
refuses("openmetrics", "a 1\n", 2, /expected `# EOF`/);
refuses("openmetrics", "a 1", 1, /expected `# EOF`/);
refuses("openmetrics", "# EOF\na 1\n", 2, /expected nothing after `# EOF`/);
refuses("openmetrics", "\n# EOF\n", 1, /expected a metric name/);
refuses("openmetrics", "# comment\n# EOF\n", 1, /expected `# HELP`/);
refuses("openmetrics", "#TYPE a gauge\n# EOF\n", 1, /expected `# HELP`/);
refuses("openmetrics", "# TYPE a untyped\n# EOF\n", 1, /expected a metric type/);
refuses("openmetrics", "# HELP a\n# EOF\n", 1, /expected a space and a text/);
refuses("openmetrics", "# UNIT a_seconds ms\n# EOF\n", 1, /end in its unit/);
refuses("openmetrics", "# UNIT seconds seconds\n# EOF\n", 1, /end in its unit/);
refuses("openmetrics", 'a{b="c" d="e"} 1\n# EOF\n', 1, /expected `,` or `}`/);
refuses("openmetrics", 'a{b="c"}  1\n# EOF\n', 1, /expected a value/);
refuses("openmetrics", "a 1 NaN\n# EOF\n", 1, /expected a finite timestamp/);
refuses("openmetrics", "a 1 1 1\n# EOF\n", 1, /expected the end of the line or an exemplar/);
refuses("openmetrics", 'a 1 # {"b"} 1\n# EOF\n', 1, /expected `=`/);
refuses("openmetrics", 'a 1 # {b="c"}\n# EOF\n', 1, /expected a value after the exemplar's labels/);
refuses("openmetrics", 'a 1 # {b="c"} 1 +Inf\n# EOF\n', 1, /expected a finite exemplar timestamp/);
refuses("openmetrics", 'a 1 # {b="c"} 1 1 1\n# EOF\n', 1, /expected the end of the line after the exemplar/);
refuses("openmetrics", 'a 1 # {b="c"} 1', 1, /expected `# EOF`/);

test("openmetrics - reads exemplars with and without timestamps", () => {
  const body = 'a_total 1 # {trace_id="x\\ny"} 0.5 12.25\nb_total 2 3 # {} 7\nc 3\n# EOF\n';
  const { exemplars, count } = new ScrapeBodyParser().parse(Buffer.from(body), "openmetrics");
  expect(count).toBe(3);
  expect(exemplars.map((e) => [e.sample, e.labels.toObject(), e.value, e.timestampMs])).toEqual([
    [0, { trace_id: "x\ny" }, 0.5, 12250],
    [1, {}, 7, undefined],
  ]);
});

test("text - gives every NaN the normal NaN's bits", () => {
  const { values } = new ScrapeBodyParser().parse(Buffer.from("a NaN\n"), "text");
  expect([...wordsOf(values).subarray(0, 2)]).toEqual([NORMAL_NAN_LOW, NORMAL_NAN_HIGH]);
});

test("text - reads metadata in any order, the last line of a kind wins", () => {
  const parser = new ScrapeBodyParser();
  const body =
    '# TYPE a histogram\n# HELP a first\n# HELP a say \\"hi\\" \\\\ and\\nmore \n#\tHELP\tb \n# TYPE "my.m" untyped\n' +
    "# HELP c\n";
  parser.parse(Buffer.from(body), "text");
  expect(parser.metadata()).toEqual([
    { metric: "a", type: "histogram", help: 'say \\"hi\\" \\ and\nmore ', unit: "" },
    { metric: "b", type: "unknown", help: "", unit: "" },
    { metric: "my.m", type: "unknown", help: "", unit: "" },
    { metric: "c", type: "unknown", help: "", unit: "" },
  ]);
});

test("openmetrics - reads units and unescapes quotes in help", () => {
  const parser = new ScrapeBodyParser();
  const body = '# TYPE a_seconds gaugehistogram\n# UNIT a_seconds seconds\n# HELP a_seconds \\"hi\\"\n# EOF\n';
  parser.parse(Buffer.from(body), "openmetrics");
  expect(parser.metadata()).toEqual([{ metric: "a_seconds", type: "gaugehistogram", help: '"hi"', unit: "seconds" }]);
});

test("text - writes le and quantile in one form", () => {
  const body =
    '# TYPE h histogram\nh_bucket{le="1"} 1\n# TYPE s summary\ns{quantile="1"} 2\n# TYPE g gauge\ng{le="1"} 3\n';
  expect(samplesOf(body, "text")).toEqual(['h_bucket{le="1.0"} 1', 's{quantile="1.0"} 2', 'g{le="1"} 3']);
});

test("text - cuts the excerpt of a long line", () => {
  const body = Buffer.from(`${"a".repeat(100_000)}{ 1\n`);
  expect(() => new ScrapeBodyParser().parse(body, "text")).toThrow(/^line 1: .{1,200}$/);
});
