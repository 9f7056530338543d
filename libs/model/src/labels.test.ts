import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { compareLabels, Labels } from "./labels.ts";
import { compareUtf8 } from "./utf8.ts";

const text = fc.string({ unit: "grapheme" });

describe("labels", () => {
  test("are sorted by the UTF-8 bytes of their names, whatever order they come in", () => {
    fc.assert(
      fc.property(
        fc.uniqueArray(
          fc.tuple(
            text,
            text.filter((value) => value !== ""),
          ),
          { selector: ([name]) => name },
        ),
        (entries) => {
          const labels = Labels.fromEntries(entries);
          const reversed = Labels.fromEntries([...entries].reverse());
          expect(labels.equals(reversed)).toBe(true);
          const names = labels.names().map((name) => Buffer.from(name));
          expect(names).toEqual([...names].sort((a, b) => Buffer.compare(a, b)));
          for (const [name, value] of entries) expect(labels.get(name)).toBe(value);
        },
      ),
    );
  });

  test("an empty value is no label", () => {
    const labels = Labels.fromObject({ a: "1", b: "" });
    expect(labels.size).toBe(1);
    expect(labels.with("a", "")).toBe(Labels.EMPTY);
    expect(labels.get("b")).toBe("");
  });

  test("keys are equal for equal sets only", () => {
    expect(Labels.fromObject({ a: "bc" }).key).not.toBe(Labels.fromObject({ ab: "c" }).key);
    expect(Labels.fromObject({ a: "b", c: "d" }).key).toBe(Labels.fromObject({ c: "d", a: "b" }).key);
  });

  test("are printed as Prometheus prints them", () => {
    const f = (object: Record<string, string>, expected: string): void =>
      expect(Labels.fromObject(object).toString()).toBe(expected);
    f({}, "{}");
    f({ __name__: "up" }, "up");
    f({ __name__: "up", job: 'a"b' }, 'up{job="a\\"b"}');
    f({ __name__: "my.metric", "a.b": "c" }, '{__name__="my.metric", "a.b"="c"}');
    f({ job: "x" }, '{job="x"}');
  });

  test("are ordered label by label, the shorter set first", () => {
    const sorted = [{}, { a: "1" }, { a: "1", b: "1" }, { a: "2" }, { b: "0" }].map((object) =>
      Labels.fromObject(object),
    );
    expect([...sorted].reverse().sort(compareLabels)).toEqual(sorted);
  });

  test("UTF-8 order is the order of bytes", () => {
    const anyText = fc.string({ unit: "binary" });
    fc.assert(
      fc.property(anyText, anyText, (a, b) => {
        expect(Math.sign(compareUtf8(a, b))).toBe(Buffer.compare(Buffer.from(a), Buffer.from(b)));
      }),
      { numRuns: 1000 },
    );
  });
});
