import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { fingerprintOf } from "./fingerprint.ts";

/** The definition, in arithmetic of any size. */
function slowFingerprint(labels: Readonly<Record<string, string>>): string {
  let hash = 0xcbf29ce484222325n;
  const add = (byte: number): void => {
    hash = BigInt.asUintN(64, (hash ^ BigInt(byte)) * 0x100000001b3n);
  };
  const names = Object.keys(labels).sort((a, b) => Buffer.compare(Buffer.from(a), Buffer.from(b)));
  for (const name of names) {
    for (const byte of Buffer.from(name)) add(byte);
    add(0xff);
    for (const byte of Buffer.from(labels[name] ?? "")) add(byte);
    add(0xff);
  }
  return hash.toString(16).padStart(16, "0");
}

describe("fingerprint", () => {
  test("no labels have FNV's own start", () => {
    expect(fingerprintOf({})).toBe("cbf29ce484222325");
  });

  test("is FNV-1a over sorted names and values in UTF-8", () => {
    const labels = fc.dictionary(fc.string({ unit: "binary" }), fc.string({ unit: "binary" }));
    fc.assert(fc.property(labels, (one) => fingerprintOf(one) === slowFingerprint(one)));
  });
});
