import type { z } from "zod";

/**
 * One setting of a process: a flag in Prometheus' manner (`--web.listen-address`) and its environment variable
 * (`MONOTREME_WEB_LISTEN_ADDRESS`). The flag wins over the variable, the variable over the default.
 */
export interface Flag<T> {
  readonly name: string;
  /** Reads the text given; its faults are shown to the user. */
  readonly schema: z.ZodType<T, string>;
  /** The text used where neither flag nor variable is given; undefined: the setting stays undefined. */
  readonly defaultText: string | undefined;
  readonly help: string;
  /** A switch may stand alone (`--web.enable-lifecycle`) or negated (`--no-web.enable-lifecycle`). */
  readonly isSwitch: boolean;
}

export type FlagSet = Readonly<Record<string, Flag<unknown>>>;

export type FlagValues<F extends FlagSet> = Readonly<{ [K in keyof F]: F[K] extends Flag<infer T> ? T : never }>;

/** A setting that always has a value. */
export function flag<T>(name: string, schema: z.ZodType<T, string>, defaultText: string, help: string): Flag<T> {
  return { name, schema, defaultText, help, isSwitch: false };
}

/** A setting that may be left out; its value is then undefined. */
export function optionalFlag<T>(name: string, schema: z.ZodType<T, string>, help: string): Flag<T | undefined> {
  return { name, schema, defaultText: undefined, help, isSwitch: false };
}

/** A switch that is off unless given. */
export function switchFlag(name: string, schema: z.ZodType<boolean, string>, help: string): Flag<boolean> {
  return { name, schema, defaultText: "false", help, isSwitch: true };
}

/** `web.listen-address` → `MONOTREME_WEB_LISTEN_ADDRESS`. */
export function environmentVariableOf(flagName: string): string {
  return `MONOTREME_${flagName.replaceAll(/[.-]/g, "_").toUpperCase()}`;
}
