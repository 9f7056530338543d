import { describe, expect, test } from "vitest";
import { isExcludedFromProxy } from "./no-proxy.ts";

describe("hosts without a proxy", () => {
  const f = (host: string, port: string, list: string, expected: boolean): void =>
    test(`${host}:${port} with ${JSON.stringify(list)}`, () => {
      expect(isExcludedFromProxy(host, port, list)).toBe(expected);
    });

  f("example.org", "80", "", false);
  f("example.org", "80", "*", true);
  f("localhost", "80", "", true);
  f("127.0.0.9", "80", "", true);
  f("[::1]", "80", "", true);
  f("example.org", "80", "example.org", true);
  f("EXAMPLE.org.", "80", "Example.Org", true);
  f("a.example.org", "80", "example.org", true);
  f("badexample.org", "80", "example.org", false);
  f("example.org", "80", ".example.org", false);
  f("a.example.org", "80", ".example.org", true);
  f("a.example.org", "80", "*.example.org", true);
  f("example.org", "80", "example.org:8080", false);
  f("example.org", "8080", "other, example.org:8080", true);
  f("10.1.2.3", "80", "10.0.0.0/8", true);
  f("11.1.2.3", "80", "10.0.0.0/8", false);
  f("10.1.2.3", "80", "10.1.2.3", true);
  f("10.1.2.3", "80", "1.2.3", false);
  f("[fd00::1]", "80", "fd00::/8", true);
  f("[fd00::1]", "443", "[fd00::1]:443", true);
  f("10.1.2.3", "80", "10.0.0.0/99", false);
  f("example.org", "80", "example.org/8", false);
});
