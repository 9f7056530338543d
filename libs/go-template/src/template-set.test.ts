import { AppError } from "@monotreme/errors";
import fc from "fast-check";
import { expect, test } from "vitest";
import {
  createNotificationFunctions,
  goFunction,
  goMap,
  STRING,
  TemplateLimitError,
  TemplateSet,
  type TemplateValue,
  UTC,
} from "./index.ts";

function createSet(limits = {}): TemplateSet {
  const functions = {
    ...createNotificationFunctions({ now: () => 1_700_000_000_000, localZone: UTC }),
    up: goFunction([STRING], (word) => word.toUpperCase()),
  };
  return new TemplateSet({ functions, limits });
}

function run(text: string, data: TemplateValue = {}, limits = {}): string {
  return createSet(limits).executeText(text, data);
}

test("template set - plain arrays and objects are slices and maps, sorted by key", () => {
  const text =
    "{{range $i, $e := .list}}{{$i}}={{$e | up}},{{end}}{{range $k, $v := .map}}{{$k}}:{{$v}} {{end}}{{.map}}";
  expect(run(text, { list: ["a", "b"], map: { z: 1n, b: 2.5 } })).toBe("0=A,1=B,b:2.5 z:1 map[b:2.5 z:1]");
});

test("template set - a map with methods answers a key where no method has the name", () => {
  const kv = goMap({ a: "1", Names: "hidden" }, { typeName: "KV", methods: { Names: goFunction([], () => ["x"]) } });
  expect(run("{{.a}} {{.Names}}", kv)).toBe("1 [x]");
});

test("template set - a clone has the templates, and its own do not come back", () => {
  const set = createSet();
  set.parse("", '{{define "a"}}old{{end}}');
  const copy = set.clone();
  copy.parse("", '{{define "a"}}new{{end}}{{define "b"}}b{{end}}');
  expect([set.execute("a", {}), copy.execute("a", {}), set.has("b")]).toEqual(["old", "new", false]);
});

test("template set - an empty definition does not take the place of a full one", () => {
  const set = createSet();
  set.parse("", '{{define "a"}}full{{end}}');
  set.parse("", '{{define "a"}} {{end}}');
  expect(set.execute("a", {})).toBe("full");
});

test("template set - a text that cannot be read leaves the set as it was", () => {
  const set = createSet();
  expect(() => set.parse("x", '{{define "a"}}a{{end}}{{if}}')).toThrow("template: x:1: missing value for if");
  expect(set.has("a")).toBe(false);
});

test("template set - html escapes anew after a template is redefined", () => {
  const set = createSet();
  set.parse("page", '{{define "x"}}{{.}}{{end}}<p>{{template "x" .}}</p>');
  expect(set.execute("page", "<", "html")).toBe("<p>&lt;</p>");
  set.parse("more", '{{define "x"}}[{{.}}]{{end}}');
  expect(set.execute("page", "<", "html")).toBe("<p>[&lt;]</p>");
});

test("template set - templates that would use up the process end with an error", () => {
  const limited = { maxSteps: 1000, maxOutputLength: 1000 };
  expect(() => run("{{range 100000000}}x{{end}}", {}, { maxSteps: 1000 })).toThrow(TemplateLimitError);
  expect(() => run("{{range 500}}xxxxx{{end}}", {}, { maxOutputLength: 1000 })).toThrow(TemplateLimitError);
  expect(() => run('{{printf "%999999d" 1}}', {}, limited)).toThrow(TemplateLimitError);
  const doubling = '{{$x := "xx"}}{{range 60}}{{$x = print $x $x}}{{end}}';
  expect(() => run(doubling, {}, limited)).toThrow(TemplateLimitError);
  const nested = "{{$x := list 1}}{{range 60}}{{$x = list $x $x}}{{end}}";
  expect(() => run(`${nested}{{$x | toJson}}`, {}, limited)).toThrow(TemplateLimitError);
  expect(() => run(`${nested}{{$x}}`, {}, limited)).toThrow(TemplateLimitError);
});

test("template set - recursion without end and nesting without end are errors", () => {
  expect(() => run('{{define "r"}}{{template "r"}}{{end}}{{template "r"}}')).toThrow(/maximum template depth/);
  expect(() => run("{{if .}}".repeat(5000))).toThrow(/nesting depth/);
  expect(() => run(`{{${"(".repeat(5000)}1`)).toThrow(/expression depth/);
  expect(() =>
    createSet().executeText(`${"{{if .}}".repeat(399)}x${"{{end}}".repeat(399)}`, true, "html"),
  ).not.toThrow();
});

test("template set - loops within loops do not keep the escaper busy for ever", () => {
  const text = `${"{{range .}}".repeat(40)}x${"{{end}}".repeat(40)}`;
  expect(() => createSet().executeText(text, [], "html")).toThrow(TemplateLimitError);
});

test("template set - names that JavaScript objects inherit are no keys, fields or functions", () => {
  expect(run("{{.constructor}} {{.toString}} {{.__proto__}}", { a: 1n })).toBe("<no value> <no value> <no value>");
  expect(() => run("{{constructor}}")).toThrow('function "constructor" not defined');
});

test("template set - whatever the text, the answer is a text or a known error", () => {
  const piece = fc.constantFrom(
    "{{",
    "}}",
    ".x",
    "$x",
    ":=",
    "if ",
    "range ",
    "end",
    "else",
    "(",
    ")",
    "|",
    '"',
    "`",
    "\n",
    "<a ",
    "='",
    "up ",
    "1",
  );
  fc.assert(
    fc.property(fc.array(fc.oneof(piece, fc.string({ maxLength: 3 })), { maxLength: 12 }), (pieces) => {
      for (const kind of ["text", "html"] as const) {
        try {
          createSet({ maxSteps: 10_000 }).executeText(pieces.join(""), { x: "v" }, kind);
        } catch (error) {
          expect(error).toBeInstanceOf(AppError);
        }
      }
    }),
    { numRuns: 400 },
  );
});
