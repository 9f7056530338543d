import { type CommandLine, environmentVariableOf, type FlagSet, parseFlags } from "@monotreme/config";
import { messageOf } from "@monotreme/errors";
import { PROCESS_FLAGS } from "@monotreme/lifecycle";
import { SERVICES } from "../../../tools/docs/config-page.ts";

/** A role as a manifest starts it: `monotreme <role> [flags]` in an environment. */
export interface RoleCommand {
  readonly role: string;
  readonly argv: readonly string[];
  readonly environment: CommandLine["environment"];
}

/** The flags that a role reads; throws where there is no such role. */
export function flagsOf(role: string): FlagSet {
  const flags = SERVICES[role];
  if (flags === undefined) throw new Error(`there is no role ${role}`);
  return { ...PROCESS_FLAGS, ...flags };
}

/** What the role itself would say against its flags and variables, as a list; empty where it would start. */
export function faultsOf({ role, argv, environment }: RoleCommand): string[] {
  if (SERVICES[role] === undefined) return [`there is no role ${role}`];
  const flags = flagsOf(role);
  const known = new Set(Object.values(flags).map((flag) => environmentVariableOf(flag.name)));
  const unknown = Object.keys(environment).filter((name) => name.startsWith("MONOTREME_") && !known.has(name));
  const faults = unknown.map((name) => `${role} does not read ${name}`);
  try {
    const { ignored } = parseFlags(flags, { argv, environment });
    faults.push(...ignored.map((name) => `--${name} means nothing to ${role}`));
  } catch (error) {
    faults.push(messageOf(error));
  }
  return faults;
}

/** The text of a setting in force, flag before variable before default. */
export function settingOf(command: RoleCommand, flagName: string): string | undefined {
  return parseFlags(flagsOf(command.role), command).texts.get(flagName);
}

/** Where the role listens: all of its addresses, as ports. */
export function portsOf(command: RoleCommand): number[] {
  const names = Object.values(flagsOf(command.role)).map(({ name }) => name);
  const addresses = names.filter((name) => name.endsWith("web.listen-address"));
  return addresses.map((name) => Number(settingOf(command, name)?.replace(/.*:/, "")));
}

/** Files that the role reads. */
export function filesOf(command: RoleCommand): string[] {
  const names = Object.values(flagsOf(command.role)).map(({ name }) => name);
  const files = names.filter((name) => name.endsWith(".file")).map((name) => settingOf(command, name) ?? "");
  return files.filter((file) => file !== "");
}
