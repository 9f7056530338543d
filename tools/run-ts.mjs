// node tools/run-ts.mjs FILE.ts [arguments]: installs the npm packages when they are missing and runs a TypeScript file.
import { resolve } from "node:path";
import { pathToFileURL } from "node:url";

import { requireNodeVersion } from "./setup/node-version.mjs";
import { ensureNpmPackages } from "./setup/npm-packages.mjs";

requireNodeVersion();
const [file, ...args] = process.argv.slice(2);
if (file === undefined) {
  console.error("Usage: node tools/run-ts.mjs FILE.ts [arguments]");
  process.exit(1);
}
await ensureNpmPackages();
const { register } = await import("tsx/esm/api");
register();
const path = resolve(file);
process.argv = [process.argv[0], path, ...args];
await import(pathToFileURL(path).href);
