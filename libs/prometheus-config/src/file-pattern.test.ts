import { expect, test } from "vitest";
import { matchesFileName } from "./file-pattern.ts";

const f = (pattern: string, name: string, matches: boolean) =>
  test(`file pattern - ${pattern} and ${name}`, () => expect(matchesFileName(pattern, name)).toBe(matches));
f("*.yml", "a.yml", true);
f("*.yml", ".yml", true);
f("*.yml", "a.yml.bak", false);
f("a*b*c", "a-b-b-c", true);
f("a*b*c", "a-c", false);
f("?.yml", "a.yml", true);
f("a.yml", "axyml", false);
