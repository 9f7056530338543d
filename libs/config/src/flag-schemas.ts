import { z } from "zod";

export const textSchema = z.string();

export const switchSchema = z
  .enum(["true", "false"], { error: "expected true or false" })
  .transform((text) => text === "true");

export const wholeNumberSchema = z.string().regex(/^\d+$/, "expected a whole number").transform(Number);

const SIZE_UNITS: Readonly<Record<string, number>> = { B: 1, KB: 2 ** 10, MB: 2 ** 20, GB: 2 ** 30, TB: 2 ** 40 };

/** Bytes, with Prometheus' units: `512MB` (powers of two). */
export const sizeSchema = z
  .string()
  .regex(/^\d+(B|KB|MB|GB|TB)$/, "expected a size such as 512MB (units B, KB, MB, GB, TB)")
  .transform((text) => {
    const unit = text.replace(/^\d+/, "");
    return Number.parseInt(text, 10) * (SIZE_UNITS[unit] ?? 1);
  });

const DURATION_UNITS_MS: Readonly<Record<string, number>> = {
  ms: 1,
  s: 1000,
  m: 60_000,
  h: 3_600_000,
  d: 86_400_000,
  w: 604_800_000,
  y: 31_536_000_000,
};

/** Milliseconds, from a Prometheus duration such as `1m30s`. */
export const durationSchema = z
  .string()
  .regex(/^(\d+(ms|[smhdwy]))+$/, "expected a duration such as 30s or 1h30m")
  .transform((text) => {
    let totalMs = 0;
    for (const [, digits, unit] of text.matchAll(/(\d+)(ms|[smhdwy])/g)) {
      totalMs += Number(digits) * (DURATION_UNITS_MS[unit ?? ""] ?? 0);
    }
    return totalMs;
  });

/** Host and port of a listener; an empty host means all interfaces, IPv6 hosts stand in brackets. */
export interface ListenAddress {
  readonly host: string;
  readonly port: number;
}

export const listenAddressSchema = z
  .string()
  .regex(/^(\[[0-9a-fA-F:.]+\]|[^:]*):\d{1,5}$/, "expected host:port, for example 127.0.0.1:9090")
  .transform((text): ListenAddress => {
    const colonAt = text.lastIndexOf(":");
    return { host: text.slice(0, colonAt).replace(/^\[(.*)\]$/, "$1"), port: Number(text.slice(colonAt + 1)) };
  })
  .refine((address) => address.port < 65_536, "the port is above 65535");

export const urlSchema = z.string().refine((text) => URL.canParse(text), "expected a URL");
