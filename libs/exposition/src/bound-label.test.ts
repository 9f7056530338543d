import { expect, test } from "vitest";
import { canonicalLabelValue, formatBound, TYPE_CONTEXT } from "./bound-label.ts";

function formats(bound: number, text: string): void {
  test(`format bound - ${text}`, () => {
    expect(formatBound(bound)).toBe(text);
  });
}

formats(1, "1.0");
formats(0, "0.0");
formats(-1, "-1.0");
formats(0.5, "0.5");
formats(0.005, "0.005");
formats(0.0001, "0.0001");
formats(0.00001, "1e-05");
formats(100000, "100000.0");
formats(1000000, "1e+06");
formats(1234567, "1.234567e+06");
formats(1e21, "1e+21");
formats(Infinity, "+Inf");
formats(-Infinity, "-Inf");
formats(Number.NaN, "NaN");

test("canonical label value - changes only le of histograms and quantile of summaries", () => {
  expect(canonicalLabelValue(TYPE_CONTEXT.histogram, "le", "10")).toBe("10.0");
  expect(canonicalLabelValue(TYPE_CONTEXT.summary, "quantile", ".9")).toBe("0.9");
  expect(canonicalLabelValue(TYPE_CONTEXT.histogram, "quantile", "1")).toBe("1");
  expect(canonicalLabelValue(TYPE_CONTEXT.summary, "le", "1")).toBe("1");
  expect(canonicalLabelValue(TYPE_CONTEXT.other, "le", "1")).toBe("1");
  expect(canonicalLabelValue(TYPE_CONTEXT.histogram, "le", "many")).toBe("many");
});
