import fc from "fast-check";
import { expect, test } from "vitest";
import { decodePingRecord, encodePingRecord } from "./ping-record.ts";

const RECORD = {
  checkId: "a",
  project: "p",
  number: 7,
  atMs: 5,
  type: "success",
  scheme: "http",
  remoteAddress: "::1",
  method: "POST",
  userAgent: "curl\n",
} as const;

test("ping record - any body comes back as it was", () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 200 }), fc.option(fc.nat(), { nil: undefined }), (body, exitStatus) => {
      const record = { ...RECORD, ...(exitStatus === undefined ? {} : { exitStatus }), body };
      expect(decodePingRecord(encodePingRecord(record))).toEqual(record);
    }),
  );
});

test("ping record - other bytes are refused", () => {
  fc.assert(
    fc.property(fc.uint8Array(), (bytes) => {
      expect(() => decodePingRecord(bytes)).toThrow();
    }),
  );
});
