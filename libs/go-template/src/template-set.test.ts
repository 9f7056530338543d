import { expect, test } from "vitest";
import { goFunction, STRING, TemplateSet } from "./index.ts";

function run(text: string, data: Parameters<TemplateSet["execute"]>[1] = {}): string {
  const set = new TemplateSet({ functions: { up: goFunction([STRING], (word) => word.toUpperCase()) } });
  set.parse("test", text);
  return set.execute("test", data);
}

test("template set - runs ranges, pipelines and templates defined in the text", () => {
  const text = '{{define "x"}}[{{.}}]{{end}}{{range $i, $e := .list}}{{$i}}={{$e | up}},{{end}}{{template "x" .name}}';
  expect(run(text, { list: ["a", "b"], name: "n" })).toBe("0=A,1=B,[n]");
});

test("template set - a template that calls itself ends with an error", () => {
  expect(() => run('{{define "r"}}{{template "r"}}{{end}}{{template "r"}}')).toThrow(/exceeded maximum template depth/);
});
