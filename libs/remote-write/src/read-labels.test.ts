import { Labels } from "@monotreme/model";
import { describe, expect, test } from "vitest";
import { readLabels } from "./read-labels.ts";
import { RemoteWriteError } from "./remote-write-error.ts";

function field(number: number, bytes: Uint8Array | string): number[] {
  const body = Buffer.from(bytes);
  return [(number << 3) | 2, body.length, ...body];
}

function labelField(name: Uint8Array | string, value: Uint8Array | string): number[] {
  return field(1, Uint8Array.from([...field(1, name), ...field(2, value)]));
}

function read(...fields: number[][]): Labels | string {
  const bytes = Uint8Array.from(fields.flat());
  return readLabels(bytes, 0, bytes.length);
}

const NAME = labelField("__name__", "m");

function manyLabels(count: number): number[][] {
  return [NAME, ...Array.from({ length: count }, (_, i) => labelField(`l${i}`, "x".repeat(100)))];
}

describe("read labels", () => {
  test("read labels - sorts by UTF-8 bytes and leaves out empty values", () => {
    expect(read(labelField("\u{10000}", "1"), labelField("\uffee", "2"), labelField("a", ""), NAME)).toEqual(
      Labels.fromObject({ __name__: "m", "\uffee": "2", "\u{10000}": "1" }),
    );
  });

  test.each<[what: string, fields: number[][], fault: string]>([
    ["no metric name", [labelField("a", "b")], "no_metric_name"],
    ["an empty metric name", [labelField("__name__", ""), labelField("a", "b")], "no_metric_name"],
    ["nothing", [], "no_metric_name"],
    ["an empty label name", [NAME, labelField("", "b")], "empty_name"],
    ["labels beyond the largest set", manyLabels(3000), "too_long"],
    ["a repeated name", [NAME, labelField("a", "1"), labelField("b", "2"), labelField("a", "1")], "duplicate_name"],
    ["a repeated name with an empty value", [NAME, labelField("a", "1"), labelField("a", "")], "duplicate_name"],
    ["a value that is no UTF-8", [NAME, labelField("a", Uint8Array.of(0xc3, 0x28))], "invalid_utf8"],
    ["a name that is no UTF-8", [NAME, labelField(Uint8Array.of(0xff), "b")], "invalid_utf8"],
    ["an encoded surrogate", [NAME, labelField("a", Uint8Array.of(0xed, 0xa0, 0x80))], "invalid_utf8"],
  ])("read labels - names the fault of %s", (_, fields, fault) => {
    expect(read(...fields)).toBe(fault);
  });

  test.each<[what: string, fields: number[][]]>([
    ["a name past its label", [[0x0a, 0x03, 0x0a, 0x05, 0x61]]],
    ["a label past the range", [[0x0a, 0x09, 0x0a]]],
    ["a name as varint", [[0x0a, 0x02, 0x08, 0x01]]],
  ])("read labels - throws for %s", (_, fields) => {
    expect(() => read(...fields)).toThrow(RemoteWriteError);
  });
});
