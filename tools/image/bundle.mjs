// node tools/image/bundle.mjs OUT: every role as JavaScript that needs nothing but Node, into the folder OUT. What roles
// have in common is there once. The embedded ClickHouse stays out: a container has a server beside it.
import { copyFileSync, mkdirSync, readdirSync, statSync } from "node:fs";
import { join, resolve } from "node:path";

import { build } from "esbuild";

import { BUNDLE_OPTIONS, bundledServices, PASSWORD_WORKER_ENTRY, WORKER_ENTRY } from "../setup/bundle.mjs";
import { ROOT } from "../setup/paths.mjs";

const ENTRIES = ["monotreme.mjs", "health-check.mjs"];

const [folder] = process.argv.slice(2);
if (folder === undefined) {
  console.error("Usage: node tools/image/bundle.mjs OUT");
  process.exit(1);
}
const out = resolve(folder);
mkdirSync(out, { recursive: true });
const services = bundledServices();
await build({
  ...BUNDLE_OPTIONS,
  entryPoints: Object.fromEntries([
    ...services.map((service) => [service, join(ROOT, "services", service, "src", "main.ts")]),
    ["password-worker", PASSWORD_WORKER_ENTRY],
    ["query-worker", WORKER_ENTRY],
  ]),
  outdir: out,
  outExtension: { ".js": ".mjs" },
  // Chunks lie beside the entries: code finds its worker threads by its own address.
  splitting: true,
  chunkNames: "[name]-[hash]",
  // Names stay as they are, for stack traces.
  minifyWhitespace: true,
  minifySyntax: true,
});
for (const entry of ENTRIES) copyFileSync(join(ROOT, "tools", "image", entry), join(out, entry));
const sizeBytes = readdirSync(out).reduce((sum, name) => sum + statSync(join(out, name)).size, 0);
console.log(`${services.length} roles, ${(sizeBytes / 2 ** 20).toFixed(1)} MiB`);
