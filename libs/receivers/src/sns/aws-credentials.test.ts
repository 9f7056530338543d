import { expect, test } from "vitest";

import { parseProfile } from "./aws-credentials.ts";

test("aws credentials - a profile's entries, and no other's", () => {
  const text =
    "# c\n[default]\naws_access_key_id=A\n\n [ profile ops ]\r\nAWS_ACCESS_KEY_ID = B \naws_secret_access_key=x=y==\n[z]\nq=1";
  expect([...parseProfile(text, "default")]).toEqual([["aws_access_key_id", "A"]]);
  expect([...parseProfile(text, "ops")]).toEqual([
    ["aws_access_key_id", "B"],
    ["aws_secret_access_key", "x=y=="],
  ]);
  expect(parseProfile(text, "nobody").size).toBe(0);
});
