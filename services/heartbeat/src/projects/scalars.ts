import { parseDurationMs } from "@monotreme/model";
import { count, scalar, type Schema } from "@monotreme/prometheus-config";
import { CHECK_LIMITS, isSpan } from "../checks/check-rules.ts";
import { isUuid } from "../pings/ping-address.ts";

/** Milliseconds of a number of seconds, or of a duration such as `1h30m`. */
function spanMs(text: string): number | undefined {
  return /^\d{1,12}$/.test(text) ? Number(text) * 1000 : parseDurationMs(text);
}

/** A period or grace time. */
export const checkSpan: Schema<number> = scalar({
  expected: "seconds or a duration such as 1h30m, from 60 seconds to 365 days",
  parse: (text) => {
    const ms = spanMs(text);
    return ms !== undefined && isSpan(ms) ? ms : undefined;
  },
});

/** How often something is repeated. */
export const repeatSpan: Schema<number> = scalar({
  expected: "seconds or a duration such as 4h, from 60 seconds on",
  parse: (text) => {
    const ms = spanMs(text);
    return ms !== undefined && ms >= CHECK_LIMITS.minSpanMs ? ms : undefined;
  },
});

export const uuid: Schema<string> = scalar({
  expected: "a UUID in lower case",
  parse: (text) => (isUuid(text) ? text : undefined),
});

/** Addresses may hold secrets, so a fault does not repeat them. */
export const httpUrl: Schema<string> = {
  decode: (node) => {
    if (node.text !== undefined && /^https?:\/\/[^/]/.test(node.text)) return node.text;
    node.fault("expected an address that begins with http:// or https://");
    return undefined;
  },
  render: (value) => value,
};

export const port: Schema<number> = {
  decode: (node) => {
    const value = count.decode(node);
    if (value === undefined || (value > 0 && value < 65_536)) return value;
    node.fault("expected a port from 1 to 65535");
    return undefined;
  },
  render: (value) => value,
};

/** Texts, as a list or as one text that is taken apart. */
export function words(split: (text: string) => readonly string[], expected: string): Schema<readonly string[]> {
  return {
    decode: (node) => {
      if (node.text !== undefined) return split(node.text);
      const texts = node.items()?.map((item) => item.text);
      if (texts?.every((text) => text !== undefined) === true) return texts;
      node.fault(`expected ${expected}, found ${node.description}`);
      return undefined;
    },
    render: (value) => value,
  };
}
