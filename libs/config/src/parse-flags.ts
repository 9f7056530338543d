import { AppError } from "@monotreme/errors";
import { environmentVariableOf, type Flag, type FlagSet, type FlagValues } from "./flags.ts";
import { UPSTREAM_FLAGS } from "./upstream-flags.ts";

/** All faults of a command line at once, one a line. */
export class FlagError extends AppError {
  constructor(faults: readonly string[]) {
    super("FLAGS_INVALID", "invalid", faults.join("\n"));
  }
}

export interface CommandLine {
  /** Arguments without node and script. */
  readonly argv: readonly string[];
  readonly environment: Readonly<Record<string, string | undefined>>;
}

export interface ParsedFlags<F extends FlagSet> {
  readonly values: FlagValues<F>;
  /** Flags of upstream that are accepted and mean nothing here. */
  readonly ignored: readonly string[];
  /** The text in force for every flag, by flag name, for `/api/v1/status/flags`. */
  readonly texts: ReadonlyMap<string, string>;
}

/** Reads flags and environment; throws {@link FlagError} with every fault that it finds. */
export function parseFlags<F extends FlagSet>(flags: F, commandLine: CommandLine): ParsedFlags<F> {
  const faults: string[] = [];
  const byName = new Map(Object.values(flags).map((flag) => [flag.name, flag]));
  const given = collectGiven(byName, commandLine.argv, faults);
  const values: Record<string, unknown> = {};
  const texts = new Map<string, string>();
  for (const [key, flag] of Object.entries(flags)) {
    const variable = environmentVariableOf(flag.name);
    const fromFlag = given.texts.get(flag.name);
    const text = fromFlag ?? commandLine.environment[variable] ?? flag.defaultText;
    if (text === undefined) continue;
    texts.set(flag.name, text);
    const result = flag.schema.safeParse(text);
    if (result.success) values[key] = result.data;
    else {
      const source = fromFlag === undefined ? variable : `--${flag.name}`;
      faults.push(`${source}=${text}: ${result.error.issues.map((issue) => issue.message).join("; ")}`);
    }
  }
  if (faults.length > 0) throw new FlagError(faults);
  return { values: Object.freeze(values) as FlagValues<F>, ignored: given.ignored, texts };
}

/** The text of one flag in a command line that is not parsed yet; undefined where neither it nor its variable is given. */
export function givenText(flagName: string, commandLine: CommandLine): string | undefined {
  return givenTexts(flagName, commandLine).at(-1);
}

/** The same for a flag that may be given several times: all of its texts, or that of its variable. */
export function givenTexts(flagName: string, { argv, environment }: CommandLine): string[] {
  const texts: string[] = [];
  for (const [at, argument] of argv.entries()) {
    if (/^--?(.*?)(?:=|$)/s.exec(argument)?.[1] !== flagName) continue;
    const equalsAt = argument.indexOf("=");
    const text = equalsAt < 0 ? argv[at + 1] : argument.slice(equalsAt + 1);
    if (text !== undefined) texts.push(text);
  }
  const variable = environment[environmentVariableOf(flagName)];
  return texts.length > 0 || variable === undefined ? texts : [variable];
}

interface GivenFlags {
  readonly texts: Map<string, string>;
  readonly ignored: string[];
}

function collectGiven(
  byName: ReadonlyMap<string, Flag<unknown>>,
  argv: readonly string[],
  faults: string[],
): GivenFlags {
  const texts = new Map<string, string>();
  const ignored: string[] = [];
  for (let i = 0; i < argv.length; i++) {
    const argument = argv[i] as string;
    const match = /^--?(no-)?([a-zA-Z][\w.-]*)(?:=(.*))?$/s.exec(argument);
    if (match === null) {
      faults.push(`unexpected argument ${JSON.stringify(argument)}; flags look like --name=value`);
      continue;
    }
    const [, negation, bareName, inlineText] = match as unknown as [string, string?, string?, string?];
    const name = bareName ?? "";
    const flag = byName.get(name) ?? byName.get(`${negation ?? ""}${name}`);
    const upstream = UPSTREAM_FLAGS.get(name);
    if (flag === undefined && upstream === undefined) {
      faults.push(`unknown flag --${negation ?? ""}${name}; --help lists the flags`);
      continue;
    }
    const isSwitch = flag?.isSwitch ?? upstream === "switch";
    let text = inlineText;
    if (text === undefined) {
      if (isSwitch) text = negation === undefined ? "true" : "false";
      else if (i + 1 < argv.length) text = argv[++i];
      else faults.push(`--${name} needs a value`);
    }
    if (flag === undefined) ignored.push(name);
    else if (text !== undefined) texts.set(flag.name, text);
  }
  return { texts, ignored };
}
