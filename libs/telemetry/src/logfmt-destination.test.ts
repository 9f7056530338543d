import { pino } from "pino";
import { expect, test } from "vitest";
import { LogfmtDestination } from "./logfmt-destination.ts";

function logged(write: (logger: ReturnType<typeof pino>) => void): string {
  let text = "";
  const destination = new LogfmtDestination({ write: (line: string) => (text += line) });
  const base = { service: "test" };
  write(pino({ base, timestamp: false, formatters: { level: (level) => ({ level }) } }, destination));
  return text;
}

test("logfmt - one line a record, texts quoted where needed", () => {
  const line = logged((logger) => logger.warn({ component: "bus", count: 3, note: 'a "b"\nc' }, "it happened"));
  expect(line).toBe('level=WARN service=test component=bus msg="it happened" count=3 note="a \\"b\\"\\nc"\n');
});

test("logfmt - an error is told by its message", () => {
  expect(logged((logger) => logger.error({ err: new Error("no luck") }, "failed"))).toBe(
    'level=ERROR service=test msg=failed err="no luck"\n',
  );
});
