import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { decodeLogEntry, encodeLogEntry } from "./log-entry-codec.ts";
import { logIdOf } from "./log-id.ts";

const KEY = { groupKey: '{}:{a="b"}', receiver: "r", integration: "webhook", integrationIndex: 0 };

describe("entries of the notification log", () => {
  const fingerprints = fc
    .uniqueArray(fc.stringMatching(/^[0-9a-f]{16}$/), { maxLength: 20 })
    .map((all) => new Set(all));

  test("come back as they were", () => {
    const state = fc.record({
      sentAtMs: fc.nat(),
      flushMs: fc.nat(),
      firing: fingerprints,
      resolved: fingerprints,
      heldBack: fingerprints,
      receiverData: fc.dictionary(
        fc.oneof(fc.constant("__proto__"), fc.string({ unit: "grapheme" })),
        fc.string({ unit: "grapheme" }),
      ),
    });
    const entry = fc.record({
      state: fc.option(state, { nil: undefined }),
      sending: fc.option(fc.record({ flushMs: fc.nat(), holder: fc.string({ unit: "grapheme" }) }), { nil: undefined }),
    });
    fc.assert(
      fc.property(entry, ({ state: one, sending }) => {
        const { heldBack = new Set<string>(), ...rest } = one ?? {};
        const full = one === undefined ? undefined : { ...one, ...rest, open: new Set([...one.firing, ...heldBack]) };
        const before = { key: KEY, state: full, sending, expiresAtMs: 5 };
        const after = decodeLogEntry(new TextEncoder().encode(encodeLogEntry(before)));
        expect(after?.sending).toEqual(sending);
        expect(after?.key).toEqual(KEY);
        expect(after?.state?.firing).toEqual(full?.firing);
        expect(after?.state?.resolved).toEqual(full?.resolved);
        expect(after?.state?.open).toEqual(full?.open);
        expect(JSON.stringify(after?.state?.receiverData)).toBe(JSON.stringify(full?.receiverData));
        expect(after?.state?.sentAtMs).toBe(full?.sentAtMs);
      }),
    );
  });

  test("hold 50,000 alerts in less than the smallest message limit", () => {
    const all = new Set(Array.from({ length: 50_000 }, (_, i) => i.toString(16).padStart(16, "0")));
    const state = { sentAtMs: 1, flushMs: 1, firing: all, resolved: new Set<string>(), open: all, receiverData: {} };
    expect(encodeLogEntry({ key: KEY, state, sending: undefined, expiresAtMs: 1 }).length).toBeLessThan(2 ** 20);
  });

  test("that are none are refused", () => {
    const state = '{"sentAtMs":1,"flushMs":1,"firing":"","resolved":"","heldBack":"","receiverData":{"a":1}}';
    const wrongData = `{"groupKey":"g","receiver":"r","integration":"i","integrationIndex":0,"expiresAtMs":1,"state":${state}}`;
    for (const bad of ["", "null", "[]", "{}", '{"groupKey":1}', wrongData]) {
      expect(decodeLogEntry(new TextEncoder().encode(bad))).toBeUndefined();
    }
  });

  test("ids tell keys apart that only look alike when joined", () => {
    const ids = [
      KEY,
      { ...KEY, integrationIndex: 1 },
      { ...KEY, receiver: 'r","webhook' },
      { ...KEY, groupKey: "r" },
    ].map(logIdOf);
    expect(new Set(ids).size).toBe(4);
    expect(ids[0]).toMatch(/^[0-9a-f]{32}$/);
  });
});
