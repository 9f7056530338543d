import { environmentVariableOf, type FlagSet } from "./flags.ts";

/** The text of `--help`: every flag with its variable and default. */
export function describeFlags(flags: FlagSet): string {
  const lines: string[] = [];
  for (const flag of Object.values(flags)) {
    const value = flag.isSwitch ? "" : `=${flag.defaultText ?? ""}`;
    lines.push(`  --${flag.name}${value}`, `      ${flag.help} [${environmentVariableOf(flag.name)}]`);
  }
  return lines.join("\n");
}
