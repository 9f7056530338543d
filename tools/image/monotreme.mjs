// The image's command: monotreme <role> [flags], monotreme blocks <command> [flags], or monotreme healthcheck [--ready].
import { existsSync, readdirSync } from "node:fs";
import { fileURLToPath, pathToFileURL } from "node:url";

import { checkHealth } from "./health-check.mjs";

const HERE = fileURLToPath(new URL(".", import.meta.url));
const NO_ROLES = new Set(["monotreme", "health-check", "password-worker", "query-worker"]);

const [first, ...rest] = process.argv.slice(2);
// What people ask for instead of a role, and the program that answers it.
const COMMANDS = new Map([
  ["blocks", "compactor"],
  ["check", "standalone"],
  ["status", "standalone"],
  ["backup", "standalone"],
  ["restore", "standalone"],
]);
const program = COMMANDS.get(first);
const [role, flags] = program === undefined ? [first, rest] : [program, [first, ...rest]];
const file = `${HERE}${role}.mjs`;
if (role === "healthcheck") {
  process.exitCode = await checkHealth(flags);
} else if (role === undefined || !/^[a-z]+$/.test(role) || NO_ROLES.has(role) || !existsSync(file)) {
  console.error(role === undefined ? "Which role?" : `There is no role ${role}.`);
  console.error(`Usage: monotreme <${roles().join("|")}> [flags]`);
  console.error("       monotreme blocks <list|verify|compact|rebuild> [flags]");
  process.exitCode = 1;
} else {
  // In this very process, so that signals reach the role directly.
  process.argv = [process.argv[0], file, ...flags];
  await import(pathToFileURL(file).href);
}

function roles() {
  const names = readdirSync(HERE).map((name) => /^([a-z]+)\.mjs$/.exec(name)?.[1]);
  return names.filter((name) => name !== undefined && !NO_ROLES.has(name)).sort();
}
