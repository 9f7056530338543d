import { describe, expect, test } from "vitest";
import { candidateNames, parseSearchSettings } from "./resolv-conf.ts";

describe("resolv.conf", () => {
  const f = (text: string, search: string[], ndots: number) =>
    test(`resolv.conf - ${JSON.stringify(text)}`, () => expect(parseSearchSettings(text)).toEqual({ search, ndots }));
  f("", [], 1);
  f("nameserver 1.1.1.1\nsearch a.b c.\n", ["a.b", "c"], 1);
  f("domain a\nsearch b c # d\n", ["b", "c"], 1);
  f("search b\ndomain a x\n", ["a"], 1);
  f("options rotate ndots:5 timeout:1", [], 5);
  f("options ndots:99999999\noptions ndots:x", [], 1);
  f("options ndots:999", [], 15);
  f("; search a", [], 1);

  test("resolv.conf - a name with enough dots is tried as it is first, a rooted one alone", () => {
    const settings = { search: ["svc", "local"], ndots: 2 };
    expect(candidateNames("a", settings)).toEqual(["a.svc", "a.local", "a"]);
    expect(candidateNames("a.b.c", settings)).toEqual(["a.b.c", "a.b.c.svc", "a.b.c.local"]);
    expect(candidateNames("a.", settings)).toEqual(["a"]);
  });
});
