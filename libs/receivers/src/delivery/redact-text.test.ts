import { expect, test } from "vitest";
import { redactText, secretsOfUrl } from "./redact-text.ts";

const SECRETS = secretsOfUrl("https://me:pass-word@host.example/services/T0/s3cr3t?token=abcdef123");

test.each([
  ["https://me:pass-word@host.example/services/T0/s3cr3t?token=abcdef123 failed", "<redacted> failed"],
  ["POST /services/T0/s3cr3t?token=abcdef123: no", "POST <redacted>: no"],
  ["no such path /services/T0/s3cr3t", "no such path <redacted>"],
  ["bad token abcdef123 of host.example", "bad token <redacted> of host.example"],
  ["wrong pass-word", "wrong <redacted>"],
  ["nothing secret", "nothing secret"],
])("redacted text - %s", (text, expected) => {
  expect(redactText(text, SECRETS)).toBe(expected);
});

test("redacted text - short values do not blacken words", () => {
  expect(redactText("a b a", ["a", ""])).toBe("a b a");
});
