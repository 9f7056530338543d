import { parseDurationMs } from "@monotreme/model";

/** A number as written; durations are numbers of seconds. */
export interface NumberValue {
  readonly value: number;
  readonly isDuration: boolean;
}

const DURATION = /^(?:\d+(?:ms|[smhdwy]))+$/;
const OCTAL = /^0[0-7]+$/;
const HEX = /^0[xX][0-9a-fA-F]+$/;
const DECIMAL = /^(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?$/;
/** Prometheus keeps durations in int64 nanoseconds. */
const MAX_DURATION_MS = 2 ** 63 / 1e6;

/** Reads what the lexer took for a number (`1e3`, `0x1f`, `1_000`, `017` octal, `Inf`, `1h30m`); undefined: none. */
export function parseNumber(text: string): NumberValue | undefined {
  if (DURATION.test(text)) {
    const durationMs = parseDurationMs(text);
    if (durationMs === undefined || durationMs >= MAX_DURATION_MS) return undefined;
    return { value: durationMs / 1000, isDuration: true };
  }
  const plain = text.replaceAll("_", "");
  if (OCTAL.test(plain)) return { value: Number.parseInt(plain, 8), isDuration: false };
  if (HEX.test(plain) || DECIMAL.test(plain)) return { value: Number(plain), isDuration: false };
  switch (plain.toLowerCase()) {
    case "inf":
      return { value: Infinity, isDuration: false };
    case "nan":
      return { value: Number.NaN, isDuration: false };
    default:
      return undefined;
  }
}
