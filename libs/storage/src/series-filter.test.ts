import { Matcher } from "@monotreme/model";
import { expect, test } from "vitest";
import { seriesFilter } from "./series-filter.ts";

const RANGE = { fromMs: 86_400_000 * 3 - 1, untilMs: 86_400_000 * 3 };
const DAYS = "tenant = {tenant:String} AND day >= toDate({fromDay:UInt16}) AND day <= toDate({untilDay:UInt16})";

test("series filter - what users give is in the parameters, never in the text", () => {
  const hostile = "x' OR 1 = 1 --";
  const { condition, parameters } = seriesFilter(
    hostile,
    [[new Matcher("=", hostile, hostile), new Matcher("!=", "__name__", hostile)]],
    RANGE,
  );
  expect(condition).toBe(`${DAYS} AND ((labels[{p3:String}] = {p4:String} AND metric != {p5:String}))`);
  expect(parameters).toEqual({ tenant: hostile, fromDay: 2, untilDay: 3, p3: hostile, p4: hostile, p5: hostile });
});

test("series filter - patterns are anchored, plain alternatives become a list", () => {
  const matchers = [new Matcher("=~", "a", "x.*|y"), new Matcher("!~", "b", "x|y"), new Matcher("=~", "c", "")];
  const { condition, parameters } = seriesFilter("t", [matchers], RANGE);
  expect(condition).toBe(
    `${DAYS} AND ((match(labels[{p3:String}], {p4:String})` +
      " AND NOT (labels[{p5:String}] IN {p6:Array(String)})" +
      " AND labels[{p7:String}] IN {p8:Array(String)}))",
  );
  expect(parameters).toMatchObject({ p4: "^(?s:x.*|y)$", p6: ["x", "y"], p8: [""] });
});

test("series filter - sets are alternatives, none at all is everything", () => {
  const sets = [[new Matcher("=", "__name__", "a")], []];
  expect(seriesFilter("t", sets, RANGE).condition).toBe(`${DAYS} AND ((metric = {p3:String}) OR (1))`);
  expect(seriesFilter("t", [], RANGE).condition).toBe(DAYS);
});

test("series filter - endless ranges become the first and last day of the index", () => {
  const { parameters } = seriesFilter("t", [], { fromMs: -Infinity, untilMs: Infinity });
  expect(parameters).toMatchObject({ fromDay: 0, untilDay: 65_535 });
});
