import { Labels } from "@monotreme/model";
import { describe, expect, test } from "vitest";
import { parseExpression } from "../parser/parse-expression.ts";
import { MemorySource } from "../testing/memory-source.ts";
import type { ParserOptions } from "../parser/parser-options.ts";
import { Engine } from "./engine.ts";

function createSource(): MemorySource {
  const source = new MemorySource();
  const add = (labels: Record<string, string>, values: readonly (number | undefined)[]): void => {
    const samples = values.flatMap((value, i) => (value === undefined ? [] : [{ timestampMs: i * 600_000, value }]));
    source.append(Labels.fromObject(labels), samples);
  };
  add({ __name__: "hits", path: "/a", code: "200" }, [10, 20]);
  add({ __name__: "hits", path: "/a", code: "500" }, [2, 4]);
  add({ __name__: "hits", path: "/b", code: "200" }, [6, 8]);
  add({ __name__: "limit", path: "/a", team: "red" }, [5, 5]);
  add({ __name__: "limit", path: "/b", team: "blue" }, [3, 3]);
  // Two series of one group that are never there at the same time.
  add({ __name__: "owner", path: "/a", who: "ann" }, [1, undefined]);
  add({ __name__: "owner", path: "/a", who: "bob" }, [undefined, 1]);
  return source;
}

async function evaluate(text: string, options: ParserOptions = {}): Promise<string[]> {
  const range = { startMs: 0, endMs: 600_000, stepMs: 600_000 };
  const { value } = await new Engine().query(createSource(), parseExpression(text, options), range, { text });
  if (value.type !== "matrix") throw new Error(`got a ${value.type}`);
  return value.series.map(({ labels, values }) => `${labels.toString()} ${[...values].join(" ")}`);
}

async function f(text: string, expected: readonly string[]): Promise<void> {
  expect(await evaluate(text)).toEqual(expected);
}

describe("vector matching", () => {
  test("vector matching - one to one", async () => {
    await f("hits{code='200'} / on(path) limit", ['{path="/a"} 2 4', '{path="/b"} 2 2.6666666666666665']);
    await f("hits{code='200'} - ignoring(code, team) limit", ['{path="/a"} 5 15', '{path="/b"} 3 5']);
    await f("limit > on(path) hits{code='500'}", ['{path="/a"} 5 5']);
    await f("limit > bool on(path) hits{code='500'}", ['{path="/a"} 1 1']);
  });

  test("vector matching - group_left copies labels of the one side", async () => {
    await f("hits / on(path) group_left(team) limit", [
      '{code="200", path="/a", team="red"} 2 4',
      '{code="200", path="/b", team="blue"} 2 2.6666666666666665',
      '{code="500", path="/a", team="red"} 0.4 0.8',
    ]);
  });

  test("vector matching - group_right keeps the order of operands", async () => {
    await f("limit - on(path) group_right hits{code='500'}", ['{code="500", path="/a"} 3 1']);
    await f("limit < on(path) group_right hits{code='200'}", [
      'hits{code="200", path="/a"} 5 5',
      'hits{code="200", path="/b"} 3 3',
    ]);
  });

  test("vector matching - is decided step by step", async () => {
    await f("limit * on(path) owner", ['{path="/a"} 5 5']);
    await f("limit * on(path) group_left(who) owner", [
      '{path="/a", team="red", who="ann"} 5',
      '{path="/a", team="red", who="bob"} 5',
    ]);
  });

  test("vector matching - duplicates are errors with Prometheus' texts", async () => {
    await expect(evaluate("limit / on(path) hits")).rejects.toThrow(
      'found duplicate series for the match group {path="/a"} on the right hand-side of the operation: ' +
        '[hits{code="500", path="/a"}, hits{code="200", path="/a"}];many-to-many matching not allowed: ' +
        "matching labels must be unique on one side",
    );
    await expect(evaluate("hits / on(path) limit")).rejects.toThrow(
      "multiple matches for labels: many-to-one matching must be explicit (group_left/group_right)",
    );
    await expect(evaluate("hits / on(path) group_left(code) limit")).rejects.toThrow(
      "multiple matches for labels: grouping labels must ensure unique matches",
    );
  });

  test("vector matching - fill values stand for missing samples of their side", async () => {
    const options = { binopFillModifiers: true };
    expect(await evaluate("limit - on(path) fill_right(1) hits{code='500'}", options)).toEqual([
      '{path="/a"} 3 1',
      '{path="/b"} 2 2',
    ]);
    expect(await evaluate("hits{code='500'} * on(path) fill(2) limit", options)).toEqual([
      '{path="/a"} 10 20',
      '{path="/b"} 6 6',
    ]);
  });

  test("vector matching - an empty side forgives duplicates", async () => {
    await f("nothing / on(path) hits", []);
  });
});

describe("set operators", () => {
  test("set operators - and, unless and or look at each step", async () => {
    await f("hits and on(path) owner{who='ann'}", ['hits{code="200", path="/a"} 10', 'hits{code="500", path="/a"} 2']);
    await f("limit unless on(path) owner{who='ann'}", [
      'limit{path="/a", team="red"} 5',
      'limit{path="/b", team="blue"} 3 3',
    ]);
    await f("owner{who='ann'} or on(path) limit", [
      'limit{path="/a", team="red"} 5',
      'limit{path="/b", team="blue"} 3 3',
      'owner{path="/a", who="ann"} 1',
    ]);
  });
});

describe("scalar operators", () => {
  test.each([
    ["-7 % 3", "-1"],
    ["7 % -3", "1"],
    ["1 ^ NaN", "1"],
    ["(-1) ^ Inf", "1"],
    ["2 ^ 3 ^ 2", "512"],
    ["1 / 0", "Infinity"],
    ["0 / 0", "NaN"],
    ["1 atan2 0", String(Math.PI / 2)],
    ["NaN == bool NaN", "0"],
    ["NaN != bool NaN", "1"],
  ])("scalar operators - %s is %s", async (text, expected) => {
    const { value } = await new Engine().query(new MemorySource(), parseExpression(text), {
      startMs: 0,
      endMs: 0,
      stepMs: 0,
    });
    expect(value).toMatchObject({ type: "scalar" });
    expect(value.type === "scalar" ? String(value.value) : "").toBe(expected);
  });
});
