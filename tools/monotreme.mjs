// npm run monotreme -- <role> [flags]: runs one role as a process of its own.
import { bundledServices } from "./setup/bundle.mjs";
import { requireNodeVersion } from "./setup/node-version.mjs";
import { ensureNpmPackages } from "./setup/npm-packages.mjs";
import { runService, standalonePackages } from "./setup/run-service.mjs";
import { ensureSystemPackages } from "./setup/system-packages.mjs";

requireNodeVersion();
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
const roles = bundledServices();
if (role === undefined || !roles.includes(role)) {
  console.error(role === undefined ? "Which role?" : `There is no role ${role}.`);
  console.error(`Usage: npm run monotreme -- <${roles.join("|")}> [flags]`);
  console.error("       npm run monotreme -- blocks <list|verify|compact|rebuild> [flags]");
  console.error("       npm run monotreme -- check <config|rules|alertmanager|web> FILE...");
  console.error("       npm run monotreme -- status [flags]");
  console.error("       npm run monotreme -- <backup|restore> DIR [flags]");
  process.exit(1);
}
await ensureNpmPackages();
if (first === "standalone") await ensureSystemPackages(standalonePackages(flags));
// Without servers of its own the alertmanager brings them along, so that it starts as upstream's does.
const needsServers = role === "alertmanager" && standalonePackages(flags).length > 0;
if (needsServers) {
  await ensureSystemPackages(standalonePackages(flags));
  await runService("standalone", ["--roles=alertmanager", ...flags]);
} else await runService(role, flags);
