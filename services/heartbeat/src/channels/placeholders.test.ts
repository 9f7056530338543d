import { expect, test } from "vitest";
import { fillPlaceholders, type PlaceholderValues } from "./placeholders.ts";

const VALUES: PlaceholderValues = {
  CODE: "5bf66975-d4c7-4bf5-bcc8-b8d8a82ea278",
  STATUS: "down",
  NOW: "2026-01-02T03:04:05+00:00",
  NAME: 'the "job" & $BODY',
  NAME_JSON: '"the \\"job\\""',
  SLUG: "job",
  TAGS: "a b",
  JSON: "{}",
  BODY: "log\n$CODE",
  BODY_JSON: '"log"',
  EXITSTATUS: "-1",
  tags: ["a", "b"],
};

test.each([
  ["$NAME", VALUES.NAME],
  ["$NAME_JSON", VALUES.NAME_JSON],
  ["$NAMES", `${VALUES.NAME}S`],
  ["$BODY_JSON$BODY", `"log"${VALUES.BODY}`],
  ["$TAGS $TAG1 $TAG2 $TAG3", "a b a b $TAG3"],
  ["$STATUS/$SLUG/$EXITSTATUS at $NOW", "down/job/-1 at 2026-01-02T03:04:05+00:00"],
  ["$UNKNOWN $ 5$ $code", "$UNKNOWN $ 5$ $code"],
])("placeholders - %j is %j", (text, filled) => {
  expect(fillPlaceholders(text, VALUES)).toBe(filled);
});

test("placeholders - in an address each value is quoted, and the rest is not", () => {
  expect(fillPlaceholders("http://x/?n=$NAME&t=$TAGS", VALUES, encodeURIComponent)).toBe(
    "http://x/?n=the%20%22job%22%20%26%20%24BODY&t=a%20b",
  );
});
