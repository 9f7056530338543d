import { expect, test } from "vitest";

import { RecentLines } from "./recent-lines.ts";

test("recent lines - keeps the last ones without empty lines", () => {
  const lines = new RecentLines(2);
  lines.add("one\n\ntwo\n");
  lines.add("three\n");
  expect(lines.lines()).toEqual(["two", "three"]);
});

test("recent lines - cuts a line that is too long", () => {
  const lines = new RecentLines(2);
  lines.add("x".repeat(100_000));
  expect(lines.lines().map((line) => line.length)).toEqual([500]);
});
