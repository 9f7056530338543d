import { AppError } from "@monotreme/errors";
import { expect, test } from "vitest";
import { ClickHouseServerError, exceptionInTail, safeUrlOf, translateError } from "./translate-error.ts";

test("clickhouse errors - the server's number decides, not its words", () => {
  const f = (number: number, code: string, kind: string): void => {
    const error = new ClickHouseServerError(number, "Code: 1. some words");
    expect([error.code, error.kind, error.serverCode]).toEqual([code, kind, number]);
  };
  f(60, "CLICKHOUSE_SCHEMA_MISSING", "unavailable");
  f(81, "CLICKHOUSE_SCHEMA_MISSING", "unavailable");
  f(252, "CLICKHOUSE_OVERLOADED", "unavailable");
  f(159, "CLICKHOUSE_TIMEOUT", "timeout");
  f(394, "CLICKHOUSE_CANCELED", "canceled");
  f(396, "CLICKHOUSE_LIMIT", "limit");
  f(427, "CLICKHOUSE_BAD_PATTERN", "invalid");
  f(516, "CLICKHOUSE_REFUSED", "internal");
  f(62, "CLICKHOUSE_QUERY_FAILED", "internal");
});

test("clickhouse errors - only the first line of the server's words is kept, and not without end", () => {
  expect(new ClickHouseServerError(62, "first\nsecond").message).toBe("ClickHouse answered with error 62: first");
  expect(new ClickHouseServerError(62, "x".repeat(5000)).message.length).toBeLessThan(1100);
});

test("clickhouse errors - anything from the way is unavailable, a fault of ours stays", () => {
  const refused = translateError("http://host:8123", new Error("connect ECONNREFUSED"));
  expect([refused.code, refused.kind]).toEqual(["CLICKHOUSE_UNAVAILABLE", "unavailable"]);
  expect(refused.message).toContain("http://host:8123");
  const ours = new AppError("X", "limit", "x");
  expect(translateError("http://host:8123", ours)).toBe(ours);
});

test("clickhouse errors - an exception behind an answer is found by its tag only", () => {
  const tail = Buffer.from("data\r\n__exception__\r\nabcd\r\nCode: 395. DB::Exception: on purpose\n58 abcd\r\n");
  expect(exceptionInTail(tail, "abcd")?.serverCode).toBe(395);
  expect(exceptionInTail(tail, "other")).toBeUndefined();
  expect(exceptionInTail(Buffer.from("just data"), "abcd")).toBeUndefined();
});

test("clickhouse errors - addresses lose their credentials and parameters", () => {
  expect(safeUrlOf("http://user:secret@host:8123/db?password=x")).toBe("http://host:8123");
  expect(safeUrlOf("not a url")).toBe("<invalid URL>");
});
