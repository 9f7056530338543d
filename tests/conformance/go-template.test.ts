import { readFileSync } from "node:fs";
import {
  BOOL,
  FLOAT,
  GoDuration,
  goFunction,
  GoInteger,
  goMap,
  goSlice,
  GoTime,
  goVariadic,
  INT,
  loadZone,
  SafeContent,
  STRING,
  STRINGS,
  TemplateFunctionError,
  TemplateSet,
  type TemplateValue,
  UTC,
} from "@monotreme/go-template";
import { expect, test } from "vitest";
import { z } from "zod";

// What Go 1.26's text/template and html/template made of these templates and data; the file holds its very output.
const caseSchema = z.object({
  kind: z.enum(["text", "html"]),
  text: z.string(),
  data: z.string(),
  zero: z.boolean().optional(),
  out: z.string().optional(),
  err: z.string().optional(),
});
type Json = string | number | boolean | null | readonly Json[] | { readonly [key: string]: Json };
const jsonSchema: z.ZodType<Json> = z.json();
const fixtures = z
  .object({ data: z.record(z.string(), jsonSchema), cases: z.array(caseSchema) })
  .parse(JSON.parse(readFileSync(new URL("../fixtures/go-template/results.json", import.meta.url), "utf8")));

const text = (value: Json | undefined): string => z.string().parse(value);
const texts = (value: Json | undefined): string[] => z.array(z.string()).parse(value);

const TAGGED: Readonly<Record<string, (value: Json, whole: { readonly [key: string]: Json }) => TemplateValue>> = {
  $int: (value) => BigInt(text(value)),
  $i64: (value) => new GoInteger("int64", BigInt(text(value))),
  $u8: (value) => new GoInteger("uint8", BigInt(text(value))),
  $float: (value) => Number(text(value)),
  $dur: (value) => new GoDuration(BigInt(text(value))),
  $time: (value, whole) =>
    new GoTime(BigInt(text(value)), whole.zone === undefined ? UTC : (loadZone(text(whole.zone)) ?? UTC)),
  $html: (value) => new SafeContent("html", text(value)),
  $url: (value) => new SafeContent("url", text(value)),
  $js: (value) => new SafeContent("js", text(value)),
  $css: (value) => new SafeContent("css", text(value)),
  $strings: (value) => goSlice(texts(value), { typeName: "[]string" }),
  $smap: (value) => goMap(z.record(z.string(), z.string()).parse(value), { typeName: "map[string]string", zero: "" }),
};

function dataFrom(value: Json): TemplateValue {
  if (typeof value !== "object" || value === null) return value;
  if (Array.isArray(value)) return goSlice(value.map(dataFrom), { typeName: "[]interface {}" });
  const members = Object.entries(value);
  for (const [name, inner] of members) {
    const make = TAGGED[name];
    if (make !== undefined) return make(inner, Object.fromEntries(members));
  }
  const entries = new Map(members.map(([name, inner]) => [name, dataFrom(inner)]));
  return goMap(entries, { typeName: "map[string]interface {}" });
}

const functions = {
  up: goFunction([STRING], (word) => word.toUpperCase()),
  join: goFunction([STRING, STRINGS], (separator, list) => list.join(separator)),
  inc: goFunction([INT], (value) => BigInt(value + 1)),
  half: goFunction([FLOAT], (value) => value / 2),
  fail: goFunction([], () => {
    throw new TemplateFunctionError("it failed");
  }),
  strs: goVariadic([], STRING, (_, list) => goSlice(list, { typeName: "[]string" })),
  isodd: goFunction([BOOL, INT], (wanted, value) => wanted === (value % 2 === 1)),
  nothing: goFunction([], () => null),
};

const data = new Map(Object.entries(fixtures.data).map(([name, value]) => [name, dataFrom(value)]));

function run(example: z.infer<typeof caseSchema>): string {
  const set = new TemplateSet({ functions, missingKey: example.zero === true ? "zero" : "default" });
  try {
    set.parse("t", example.text);
    return set.execute("t", data.get(example.data), example.kind);
  } catch (error) {
    return `error: ${error instanceof Error ? error.message : String(error)}`;
  }
}

test("go template - output and errors are Go's", () => {
  const wrong = fixtures.cases.flatMap((example) => {
    const wanted = example.err === undefined ? (example.out ?? "") : `error: ${example.err}`;
    const got = run(example);
    return got === wanted ? [] : [{ kind: example.kind, text: example.text, wanted, got }];
  });
  expect(fixtures.cases.length).toBeGreaterThan(1500);
  expect(wrong).toEqual([]);
});
