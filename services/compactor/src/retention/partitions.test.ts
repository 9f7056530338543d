import { expect, test } from "vitest";
import { partitionKeyFrom, quotePartitionId } from "./partitions.ts";

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;

test("partitions - are read as system.parts writes them", () => {
  const f = (table: string, text: string, kind: string, className: string, fromMs: number, untilMs: number): void => {
    expect(partitionKeyFrom(table, text)).toEqual({ kind, className, fromMs, untilMs });
  };
  f("samples", "100", "rows", "", 200 * HOUR_MS, 202 * HOUR_MS);
  f("raw_chunks", "('default',20)", "raw", "default", 20 * DAY_MS, 21 * DAY_MS);
  f("raw_chunks", "('tenant/it\\'s \\\\ \\n,',20)", "raw", "tenant/it's \\ \n,", 20 * DAY_MS, 21 * DAY_MS);
  f("bucket_chunks", "(300000,'debug',3)", "5m", "debug", 21 * DAY_MS, 28 * DAY_MS);
  f("bucket_chunks", "(3600000,'debug',3)", "1h", "debug", 84 * DAY_MS, 112 * DAY_MS);
  f("bucket_histograms", "(300000,'debug',3)", "5m", "debug", 21 * DAY_MS, 28 * DAY_MS);
  f("histograms", "20", "histograms", "", 20 * DAY_MS, 21 * DAY_MS);
  f("series", "1970-01-21", "index", "", 20 * DAY_MS - 1, 21 * DAY_MS - 1);
  // Before 1970 numbers are rounded towards zero.
  f("raw_chunks", "('default',-1)", "raw", "default", -2 * DAY_MS, 0);
  f("raw_chunks", "('default',0)", "raw", "default", -DAY_MS, DAY_MS);
});

test("partitions - what is not known is left alone", () => {
  expect(partitionKeyFrom("metadata", "tuple()")).toBeUndefined();
  expect(partitionKeyFrom("bucket_chunks", "(60000,'default',3)")).toBeUndefined();
  expect(partitionKeyFrom("raw_chunks", "20")).toBeUndefined();
  expect(partitionKeyFrom("series", "x")).toBeUndefined();
});

test("partitions - an id is quoted without what no id holds", () => {
  expect(quotePartitionId("-1_a'; DROP")).toBe("'-1_aDROP'");
});
