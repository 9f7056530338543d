import { expect, test } from "vitest";
import { parseScript } from "./parse-script.ts";

test("script parser - reads loads, clears and evaluations with their lines", () => {
  const commands = parseScript(
    "a.test",
    [
      "# comment",
      "load 30s",
      '  metric{a="}"}@st -30s -30s',
      '  metric{a="}"} 1 2',
      "  # ends the block",
      "",
      "eval range from 0 to 1m step 30s sum(metric)",
      "  expect no_warn",
      "  expect info msg: PromQL info: x (1:1)",
      "  {} 1 _ {{count:1}}",
      "",
      "clear",
      "eval instant at 1m30s vector(1)",
      "\texpect ordered",
      '\t{"utf8 name", b="c"} 1',
    ].join("\n"),
  );
  expect(commands.map(({ kind }) => kind)).toEqual(["load", "evaluate", "clear", "evaluate"]);
  expect(commands[0]).toMatchObject({
    stepMs: 30_000,
    withCustomBuckets: false,
    series: [{ startOffsetsMs: [-30_000, -30_000], points: [{ value: 1 }, { value: 2 }] }],
  });
  expect(commands[1]).toMatchObject({
    line: 7,
    query: "sum(metric)",
    range: { startMs: 0, endMs: 60_000, stepMs: 30_000 },
    usesHistograms: true,
    expectations: { noWarnings: true, noInfos: false, infos: [{ kind: "exact", text: "PromQL info: x (1:1)" }] },
  });
  expect(commands[3]).toMatchObject({
    line: 13,
    range: { startMs: 90_000, endMs: 90_000, stepMs: 0 },
    usesHistograms: false,
    expectations: { ordered: true },
  });
  const [, , , last] = commands;
  expect(last?.kind === "evaluate" && last.expectations.series[0]?.labels.toObject()).toEqual({
    __name__: "utf8 name",
    b: "c",
  });
});

test("script parser - reads scalars, strings, failures and range vectors", () => {
  const commands = parseScript(
    "a.test",
    [
      "eval instant 1",
      "  -2.5e3",
      "",
      "eval instant at 5 'x'",
      '  expect string "x\\n"',
      "",
      "eval_fail instant at 0 x",
      "  expected_fail_message no",
      "",
      "eval instant at 0 x",
      "  expect fail regex: n.*o",
      "",
      "eval instant at 0 x[1m]",
      "  expect range vector from 10s to 1m step 10s",
    ].join("\n"),
  );
  const expectations = commands.map((command) => (command.kind === "evaluate" ? command.expectations : undefined));
  expect(expectations).toMatchObject([
    { scalar: -2500, fails: [] },
    { string: "x\n" },
    { fails: [{ kind: "exact", text: "no" }] },
    { fails: [{ kind: "pattern", pattern: "n.*o" }] },
    { matrixRange: { startMs: 10_000, endMs: 60_000, stepMs: 10_000 } },
  ]);
});

const f = (name: string, text: string, message: string) =>
  test(`script parser - ${name}`, () => {
    expect(() => parseScript("a.test", text)).toThrow(message);
  });
f("names the line of an unknown command", "clear\nfoo", "a.test:2: unknown command foo");
f("names the line of a bad point", "load 1m\n  a 1\n  b x", "a.test:3: bad point x");
f("refuses a step of zero", "load 0s\n  a 1", "a.test:1: bad load command load 0s");
f("refuses a range that ends before it starts", "eval range from 5 to 1 step 1 x", "a.test:1: bad range");
f("refuses start timestamps that do not fit", "load 1m\n a@st 0 0\n a 1", "a.test:3: 2 start timestamps for 1 points");
f("refuses unknown expectations", "eval instant 1\n expect luck", "a.test:2: unknown expectation luck");
f("refuses lines that are nothing", "eval instant 1\n ???", "a.test:2: neither a series nor an expectation: ???");
