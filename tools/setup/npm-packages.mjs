import { createHash } from "node:crypto";
import { existsSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";

import { ROOT } from "./paths.mjs";
import { runCommand } from "./run-command.mjs";

const LOCK = join(ROOT, "package-lock.json");
const STAMP = join(ROOT, "node_modules", ".monotreme-install");
const NPM_RECORD = join(ROOT, "node_modules", ".package-lock.json");

/** Installs the npm packages of the lock file unless just these are there; without a network when they are. */
export async function ensureNpmPackages() {
  const wanted = createHash("sha256").update(readFileSync(LOCK)).digest("hex");
  if (existsSync(STAMP) && readFileSync(STAMP, "utf8") === wanted) return;
  if (!isInstalledByHand()) {
    console.log("Installing the npm packages (the embedded ClickHouse among them: some hundred MB, once) …");
    const npm = process.env.npm_execpath;
    // Not `ci`: it refuses a lock file that lacks the optional packages of another platform. `install` takes the locked
    // versions as well, and --no-save keeps it from writing the file. dev and optional by name, because the environment
    // may say production.
    const args = ["install", "--no-save", "--include=dev", "--include=optional", "--no-audit", "--no-fund"];
    const [command, first] = npm === undefined ? ["npm", []] : [process.execPath, [npm]];
    const code = await runCommand(command, [...first, ...args, "--loglevel=error"], { signOfLife: true });
    if (code !== 0) {
      console.error("npm install failed: see above. With a network, try again: the command goes on where it stopped.");
      process.exit(1);
    }
  }
  writeFileSync(STAMP, wanted);
}

/** Someone ran npm since the lock file last changed. */
function isInstalledByHand() {
  return !existsSync(STAMP) && existsSync(NPM_RECORD) && statSync(NPM_RECORD).mtimeMs >= statSync(LOCK).mtimeMs;
}
