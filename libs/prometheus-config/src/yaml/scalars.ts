import { resolve } from "node:path";
import { formatDurationMs, parseDurationMs } from "@monotreme/model";
import { Secret } from "../secret.ts";
import { formatSizeBytes, parseSizeBytes } from "../size.ts";
import type { ConfigNode } from "./config-node.ts";
import type { Schema } from "./schema.ts";

interface ScalarOptions<T> {
  /** What was expected, as it stands in a fault: `a duration such as 15s`. */
  readonly expected: string;
  readonly parse: (text: string, node: ConfigNode) => T | undefined;
  readonly render?: Schema<T>["render"];
}

/** A single value; `parse` gives undefined where the text is not what was expected. */
export function scalar<T>(options: ScalarOptions<T>): Schema<T> {
  return {
    decode: (node) => {
      const text = node.text;
      const value = text === undefined ? undefined : options.parse(text, node);
      if (value === undefined) node.fault(`expected ${options.expected}, found ${node.description}`);
      return value;
    },
    render: options.render ?? ((value) => value),
  };
}

export const text: Schema<string> = scalar({ expected: "a text", parse: (value) => value });

export const secret: Schema<Secret> = scalar({
  expected: "a secret text",
  parse: (value) => new Secret(value),
  render: (value, mode) => (mode === "revealed" ? value.reveal() : value.toString()),
});

/** A path; a relative one starts at the folder of the file it stands in. */
export const filePath: Schema<string> = scalar({
  expected: "the path of a file",
  parse: (value, node) => (value === "" ? "" : resolve(node.document.folder, value)),
});

const BOOLEANS: ReadonlyMap<string, boolean> = new Map([
  ...["true", "yes", "on", "y"].map((word) => [word, true] as const),
  ...["false", "no", "off", "n"].map((word) => [word, false] as const),
]);

export const boolean: Schema<boolean> = scalar({
  expected: "true or false",
  parse: (value) => BOOLEANS.get(value.toLowerCase()),
});

/** A whole number from 0 on; all counts and limits of the file are such. */
export const count: Schema<number> = scalar({
  expected: "a whole number from 0 on",
  parse: (value) => {
    const number = /^\+?\d[\d_]*$/.test(value) ? Number(value.replaceAll("_", "")) : Number.NaN;
    return Number.isSafeInteger(number) ? number : undefined;
  },
});

export const integer: Schema<number> = scalar({
  expected: "a whole number",
  parse: (value) => {
    const number = /^[+-]?\d[\d_]*$/.test(value) ? Number(value.replaceAll("_", "")) : Number.NaN;
    return Number.isSafeInteger(number) ? number : undefined;
  },
});

export const decimal: Schema<number> = scalar({
  expected: "a number",
  parse: (value) => {
    const number = value.trim() === "" ? Number.NaN : Number(value);
    return Number.isFinite(number) ? number : undefined;
  },
});

/** Milliseconds of a duration. */
export const duration: Schema<number> = scalar({
  expected: "a duration such as 15s or 1m30s",
  parse: parseDurationMs,
  render: formatDurationMs,
});

/** Bytes of a size. */
export const size: Schema<number> = scalar({
  expected: "a size with its unit such as 10MB or 512KiB",
  parse: parseSizeBytes,
  render: formatSizeBytes,
});

export function oneOf<const T extends string>(values: readonly T[]): Schema<T> {
  return scalar({
    expected: `one of ${values.join(", ")}`,
    parse: (value) => values.find((candidate) => candidate === value),
  });
}

/** A URL whose password, if it has one, renders as `xxxxx`, as upstream writes it. */
export const url: Schema<string> = scalar({
  expected: "a URL such as http://host:9090/path",
  parse: (value) => (URL.canParse(value) ? value : undefined),
  render: (value, mode) => (mode === "revealed" ? value : maskUrlPassword(value)),
});

/** Any text; of one that is a URL the password renders as `xxxxx`. The section itself checks what it is. */
export const maskedUrl: Schema<string> = scalar({
  expected: "a URL such as http://host:9090/path",
  parse: (value) => value,
  render: (value, mode) => (mode === "revealed" ? value : maskUrlPassword(value)),
});

export function maskUrlPassword(value: string): string {
  return value.replace(/^([a-zA-Z][a-zA-Z0-9+.-]*:\/\/[^/?#@:]*):[^/?#@]*@/, "$1:xxxxx@");
}
