import fc from "fast-check";
import { expect, test } from "vitest";
import { formatSizeBytes, parseSizeBytes } from "./size.ts";

const f = (text: string, sizeBytes: number | undefined) =>
  test(`size - reads ${JSON.stringify(text)}`, () => expect(parseSizeBytes(text)).toBe(sizeBytes));
f("0", 0);
f("10MB", 10 * 1024 ** 2);
f("10MiB", 10 * 1024 ** 2);
f("1GiB512KiB", 1024 ** 3 + 512 * 1024);
f("1.5KB", 1536);
f("10", undefined);
f("10mb", undefined);
f("", undefined);

test("size - what is formatted reads back", () => {
  fc.assert(fc.property(fc.maxSafeNat(), (bytes) => parseSizeBytes(formatSizeBytes(bytes)) === bytes));
});
