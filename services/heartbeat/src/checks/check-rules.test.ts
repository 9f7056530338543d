import { describe, expect, test } from "vitest";
import { nameUuid } from "../projects/name-uuid.ts";
import { isReadable, isSlug, isSpan, keywordsOf, scheduleOf, slugOf, tagsOf } from "./check-rules.ts";
import { uniqueKeyOf } from "./unique-key.ts";

describe("check rules", () => {
  test.each([
    ["Backup of db-1", "backup-of-db-1"],
    ["  --Ünïcode__ & more!? ", "unicode__-more"],
    ["a   b---c", "a-b-c"],
    ["日本", ""],
    ["x".repeat(150), "x".repeat(100)],
  ])("slug - of the name '%s'", (name, slug) => {
    expect(slugOf(name)).toBe(slug);
    expect(isSlug(slug)).toBe(true);
  });

  test.each([
    ["0 4 * * *", "cron"],
    [" 0  4 * *\tMON ", "cron"],
    ["Mon *-*-* 04:00:00", "oncalendar"],
    ["daily", "oncalendar"],
    ["04:00\n16:00", "oncalendar"],
  ])("schedule - '%s' is %s", (expression, kind) => {
    expect(scheduleOf(expression, "Europe/Riga")).toEqual({ kind, expression, timeZone: "Europe/Riga" });
  });

  test.each(["", "* * * *", "60 * * * *", "* * * * * *", "Mon 25:00", "0 4 * * *\n0 5 * * *"])(
    "schedule - '%s' is refused",
    (expression) => {
      expect(() => scheduleOf(expression, "UTC")).toThrow();
    },
  );

  test("words - tags between spaces, phrases between commas", () => {
    expect(tagsOf("  a\tb  c ")).toEqual(["a", "b", "c"]);
    expect(keywordsOf(" it failed, , no ")).toEqual(["it failed", "no"]);
    expect([tagsOf(""), keywordsOf("")]).toEqual([[], []]);
  });

  test("bounds - spans from a minute to a year, text without controls", () => {
    expect([59_999, 60_000, 31_536_000_000, 31_536_000_001, Number.NaN].map(isSpan)).toEqual([
      false,
      true,
      true,
      false,
      false,
    ]);
    expect(["a\nb\tc", "\u{1f600} é", "a\u0000", "\u001b[0m", "\u007f", "\ud800", "\u0085"].map(isReadable)).toEqual([
      true,
      true,
      false,
      false,
      false,
      false,
      false,
    ]);
  });

  test("ids - of names are the same each time and look like UUIDs; keys for readers are those of Healthchecks", () => {
    const id = nameUuid("a", "b");
    expect(id).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-5[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
    expect([nameUuid("a", "b"), nameUuid("ab", "")]).toEqual([id, expect.not.stringMatching(id)]);
    // sha1 of "31365bce8da94729"
    expect(uniqueKeyOf("31365bce-8da9-4729-8ff3-aaa71d56b712")).toBe("a6c7b0a8a66bed0df66abfdab3c77736861703ee");
  });
});
