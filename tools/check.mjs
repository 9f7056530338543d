// npm run check: format, lint, types, unit and architecture tests, as cached nx targets of the root project.
import { requireNodeVersion } from "./setup/node-version.mjs";
import { ensureNpmPackages } from "./setup/npm-packages.mjs";
import { runPackageBinary } from "./setup/run-command.mjs";

requireNodeVersion();
await ensureNpmPackages();
const targets = ["format:check", "lint", "types", "unit", "architecture"];
const args = [
  "run-many",
  "--projects=monotreme",
  `--targets=${targets.join(",")}`,
  "--parallel=2",
  "--outputStyle=static",
];
process.exitCode = await runPackageBinary("nx", [...args, ...process.argv.slice(2)]);
