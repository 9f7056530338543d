import { expect, test } from "vitest";
import { ExpositionError } from "./exposition-error.ts";
import { ScrapeBodyParser } from "./scrape-body-parser.ts";

/** One scrape in short: slots, created and freed. */
function scrape(parser: ScrapeBodyParser, text: string): { slots: number[]; created: number[]; freed: number[] } {
  const { slots, count, created, freed } = parser.parse(Buffer.from(text), "text");
  return { slots: [...slots.subarray(0, count)], created: [...created], freed: [...freed] };
}

test("scrape body parser - a series keeps its slot while values change", () => {
  const parser = new ScrapeBodyParser();
  expect(scrape(parser, 'a 1\nb{c="d"} 2\n')).toEqual({ slots: [0, 1], created: [0, 1], freed: [] });
  expect(scrape(parser, 'a 10\nb{c="d"} NaN\n')).toEqual({ slots: [0, 1], created: [], freed: [] });
  expect(scrape(parser, 'b{c="d"} 3 4\na\t1\n')).toEqual({ slots: [1, 0], created: [], freed: [] });
});

test("scrape body parser - frees a vanished series and reuses its slot in a later scrape only", () => {
  const parser = new ScrapeBodyParser();
  scrape(parser, "a 1\nb 2\n");
  expect(scrape(parser, "a 1\nc 2\n")).toEqual({ slots: [0, 2], created: [2], freed: [1] });
  expect(scrape(parser, "a 1\nc 2\nd 3\n")).toEqual({ slots: [0, 2, 1], created: [1], freed: [] });
  expect(parser.labelsOf(1).metricName).toBe("d");
  expect(parser.slotCapacity).toBe(3);
});

test("scrape body parser - a longer name or further labels are another series", () => {
  const parser = new ScrapeBodyParser();
  scrape(parser, "a 1\n");
  expect(scrape(parser, "ab 1\n")).toEqual({ slots: [1], created: [1], freed: [0] });
  expect(scrape(parser, 'ab {c="d"} 1\n')).toEqual({ slots: [0], created: [0], freed: [1] });
});

test("scrape body parser - a series shown twice has one slot, freed once", () => {
  const parser = new ScrapeBodyParser();
  expect(scrape(parser, "a 1\na 2\n")).toEqual({ slots: [0, 0], created: [0], freed: [] });
  expect(scrape(parser, "a 1\nb 1\na 2\n")).toEqual({ slots: [0, 1, 0], created: [1], freed: [] });
  expect(scrape(parser, "b 1\n")).toEqual({ slots: [1], created: [], freed: [0] });
});

test("scrape body parser - a broken body changes nothing", () => {
  const parser = new ScrapeBodyParser();
  scrape(parser, "a 1\nb 2\n");
  expect(() => scrape(parser, "a 1\nnew 1\nb 2 x\n")).toThrow(ExpositionError);
  expect(parser.labelsOf(1).metricName).toBe("b");
  expect(scrape(parser, "b 2\nc 3\n")).toEqual({ slots: [1, 2], created: [2], freed: [0] });
});

test("scrape body parser - a bound under another type is another series", () => {
  const parser = new ScrapeBodyParser();
  scrape(parser, '# TYPE a gauge\na{le="1"} 1\n');
  expect(scrape(parser, '# TYPE a histogram\na{le="1"} 1\n')).toEqual({ slots: [1], created: [1], freed: [0] });
  expect(parser.labelsOf(1).get("le")).toBe("1.0");
});

test("scrape body parser - keeps slots when the target changes its format", () => {
  const parser = new ScrapeBodyParser();
  scrape(parser, 'a{b="c"} 1\n');
  const openMetrics = parser.parse(Buffer.from('a{b="c"} 2 1.5\n# EOF\n'), "openmetrics");
  expect([...openMetrics.slots.subarray(0, 1)]).toEqual([0]);
  expect(openMetrics.timestamps[0]).toBe(1500);
  expect(scrape(parser, 'a{b="c"} 1 7\n')).toEqual({ slots: [0], created: [], freed: [] });
});

test("scrape body parser - tells when metadata changed", () => {
  const parser = new ScrapeBodyParser();
  const changed = (text: string): boolean => parser.parse(Buffer.from(text), "text").metadataChanged;
  expect(changed("# HELP a one\na 1\n")).toBe(true);
  expect(changed("# HELP a one\na 2\nb 3\n")).toBe(false);
  expect(changed("# HELP a two\na 2\nb 3\n")).toBe(true);
  expect(changed("a 2\nb 3\n")).toBe(true);
  expect(parser.metadata()).toEqual([]);
});

test("scrape body parser - labels of an unknown slot are empty", () => {
  const parser = new ScrapeBodyParser();
  expect(parser.labelsOf(0).size).toBe(0);
  scrape(parser, "a 1\n");
  expect(parser.labelsOf(7).size).toBe(0);
});

test("scrape body parser - grows and shrinks with the bodies", () => {
  const parser = new ScrapeBodyParser();
  const lines = Array.from({ length: 5000 }, (_, i) => `m{i="${i}"} ${i}\n`);
  scrape(parser, lines.join(""));
  const reversed = parser.parse(Buffer.from(lines.toReversed().join("")), "text");
  expect(reversed.created).toEqual([]);
  expect([reversed.slots[0], reversed.values[0]]).toEqual([4999, 4999]);
  scrape(parser, lines[0] ?? "");
  const small = parser.parse(Buffer.from(lines[0] ?? ""), "text");
  expect([small.count, small.slots[0], small.freed]).toEqual([1, 0, []]);
  expect(small.values.length).toBeLessThan(1000);
});
