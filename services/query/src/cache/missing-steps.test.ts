import { expect, test } from "vitest";
import { missingSteps } from "./missing-steps.ts";

const wanted = { first: 10, last: 20 };

test.each([
  ["nothing is found", [], [[10, 20]]],
  ["all is found", [[10, 20]], []],
  ["the tail is missing", [[10, 15]], [[16, 20]]],
  ["the head is missing", [[12, 20]], [[10, 11]]],
  [
    "head and tail are missing",
    [
      [12, 13],
      [14, 18],
    ],
    [
      [10, 11],
      [19, 20],
    ],
  ],
  [
    "three gaps become one",
    [
      [11, 12],
      [14, 15],
    ],
    [[10, 20]],
  ],
] as const)("missing steps - %s", (_, found, expected) => {
  const gaps = missingSteps(
    wanted,
    found.map(([first, last]) => ({ first, last })),
  );
  expect(gaps.map(({ first, last }) => [first, last])).toEqual(expected);
});
