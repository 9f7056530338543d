import { describe, expect, test } from "vitest";
import { parseTargetFile } from "./target-file.ts";

describe("target file", () => {
  test("target file - YAML and JSON give groups with their path", () => {
    const expected = [
      { targets: [{ __address__: "h:1" }], labels: { env: "1", __meta_filepath: "PATH" }, source: "PATH:0" },
    ];
    const atPath = (path: string) => JSON.parse(JSON.stringify(expected).replaceAll("PATH", path));
    expect(parseTargetFile("a.yml", "- targets: [h:1]\n  labels: {env: 1}\n")).toEqual(atPath("a.yml"));
    expect(parseTargetFile("a.json", '[{"targets": ["h:1"], "labels": {"env": "1"}}]')).toEqual(atPath("a.json"));
  });

  test("target file - an empty file has no groups, and a group may have no labels", () => {
    expect(parseTargetFile("a.yml", "")).toEqual([]);
    expect(parseTargetFile("a.yml", "- targets: [h]\n")[0]?.labels).toEqual({ __meta_filepath: "a.yml" });
  });

  const fails = (name: string, path: string, text: string) =>
    test(`target file - fault: ${name}`, () => expect(() => parseTargetFile(path, text)).toThrow(path));
  fails("broken JSON", "a.json", "[");
  fails("broken YAML", "a.yml", "a: [");
  fails("no list", "a.yml", "targets: [h]");
  fails("an unknown field", "a.yml", "- target: [h]");
  fails("targets that are no texts", "a.json", '[{"targets": [1]}]');
});
