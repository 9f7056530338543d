import { readFileSync } from "node:fs";
import {
  BOOL,
  createNotificationFunctions,
  createRuleFunctions,
  FLOAT,
  GoDuration,
  goFunction,
  GoInteger,
  goMap,
  goSlice,
  goStruct,
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
const fileSchema = z.object({ data: z.record(z.string(), jsonSchema), cases: z.array(caseSchema) });

function readTable(name: string): z.infer<typeof fileSchema> {
  return fileSchema.parse(
    JSON.parse(readFileSync(new URL(`../fixtures/go-template/${name}.json`, import.meta.url), "utf8")),
  );
}

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

// The same types and methods as the Go program had: maps, slices and structs with methods of their own.
const pairs = (entries: ReadonlyMap<string, string>): TemplateValue => {
  const names = [...entries.keys()].sort();
  return goSlice(
    names.map((Name) => goStruct({ Name, Value: entries.get(Name) ?? "" }, {}, { typeName: "main.Pair" })),
    {
      typeName: "main.Pairs",
      methods: { Names: goFunction([], () => goSlice(names, { typeName: "[]string" })) },
    },
  );
};

function kv(values: Readonly<Record<string, string>>): TemplateValue {
  const entries = new Map(Object.entries(values));
  return goMap(entries, {
    typeName: "main.KV",
    underlying: "map[string]string",
    zero: "",
    methods: {
      SortedPairs: goFunction([], () => pairs(entries)),
      Names: goFunction([], () => goSlice([...entries.keys()].sort(), { typeName: "[]string" })),
      Remove: goFunction([STRINGS], (names) =>
        kv(Object.fromEntries([...entries].filter(([name]) => !names.includes(name)))),
      ),
    },
  });
}

function alert(Status: string, labels: Record<string, string>, StartsAt: GoTime, count: bigint, more: TemplateValue) {
  return goStruct(
    { Status, Labels: kv(labels), StartsAt, Count: count, Ratio: count === 0n ? 0 : 0.5, Extra: more },
    {},
    { typeName: "main.Alert", jsonNames: { Status: "status", Labels: "labels", StartsAt: "startsAt" } },
  );
}

function root(): TemplateValue {
  const firing = alert("firing", { b: "2", a: "1" }, new GoTime(1_700_000_000_000_005_000n), 3n, null);
  const resolved = alert("resolved", {}, GoTime.zero(), 0n, goSlice([1n, "x"], { typeName: "[]interface {}" }));
  const Alerts = goSlice([firing, resolved], {
    typeName: "main.Alerts",
    methods: { Firing: goFunction([], () => goSlice([firing], { typeName: "[]main.Alert" })) },
  });
  const skv = goMap(
    { k: "v" },
    {
      typeName: "main.SKV",
      zero: "",
      toText: () => "skv<1>",
      methods: { String: goFunction([], () => "skv<1>") },
    },
  );
  return goStruct(
    { Receiver: "team", Alerts, Common: kv({ alertname: "X<y>", zone: "e" }), Skv: skv, Any: kv({ in: "any" }) },
    { Greet: goFunction([STRING], (name) => `hi ${name}`) },
    { typeName: "*main.Root" },
  );
}

const ruleFunctions = createRuleFunctions({ nowMs: 0, externalUrl: "", query: () => [] });

const functions = {
  ...createNotificationFunctions({ now: () => 0, localZone: UTC }),
  title: ruleFunctions.title ?? goFunction([], () => ""),
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

type Data = ReadonlyMap<string, TemplateValue>;

function run(example: z.infer<typeof caseSchema>, data: Data): string {
  const set = new TemplateSet({ functions, missingKey: example.zero === true ? "zero" : "default" });
  try {
    set.parse("t", example.text);
    return set.execute("t", data.get(example.data), example.kind);
  } catch (error) {
    return `error: ${error instanceof Error ? error.message : String(error)}`;
  }
}

function compare(name: string): { readonly count: number; readonly wrong: readonly unknown[] } {
  const table = readTable(name);
  const data = new Map(Object.entries(table.data).map(([key, value]) => [key, dataFrom(value)]));
  data.set("root", root());
  const wrong = table.cases.flatMap((example) => {
    const wanted = example.err === undefined ? (example.out ?? "") : `error: ${example.err}`;
    const got = run(example, data);
    return got === wanted ? [] : [{ kind: example.kind, text: example.text, wanted, got }];
  });
  return { count: table.cases.length, wrong };
}

test("go template - output and errors of every kind of template are Go's", () => {
  const { count, wrong } = compare("results");
  expect(count).toBeGreaterThan(2000);
  expect(wrong).toEqual([]);
});

test("go template - methods, functions and texts put together at random give what Go gives", () => {
  const { count, wrong } = compare("more-results");
  expect(count).toBeGreaterThan(2500);
  expect(wrong).toEqual([]);
});
