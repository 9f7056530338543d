import { describe, expect, test } from "vitest";
import { tenantFromHeader } from "./tenant.ts";

describe("tenant from header", () => {
  test.each<[header: string | undefined, tenant: string]>([
    [undefined, "anonymous"],
    ["", "anonymous"],
    ["team-a", "team-a"],
    ["A!-_.*'()9", "A!-_.*'()9"],
    ["x".repeat(150), "x".repeat(150)],
  ])("tenant from header - accepts %j", (header, tenant) => {
    expect(tenantFromHeader(header)).toBe(tenant);
  });

  test.each<[header: string | string[]]>([["a/b"], ["a|b"], ["."], [".."], ["ü"], ["x".repeat(151)], [["a", "b"]]])(
    "tenant from header - refuses %j",
    (header) => {
      expect(() => tenantFromHeader(header)).toThrow("X-Scope-OrgID");
    },
  );
});
