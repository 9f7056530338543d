import { createHash } from "node:crypto";
import {
  copyFileSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";

import { ROOT } from "./paths.mjs";
import { runPackageBinary } from "./run-command.mjs";

const DIST = join(ROOT, "dist");
/** fastify and others of CommonJS call `require` for Node's own modules; an ESM bundle has none unless we make it. */
const REQUIRE_BANNER =
  'import { createRequire as _createRequire } from "node:module"; const require = _createRequire(import.meta.url);';

/** How our sources become one ESM file that Node runs, as esbuild's own options. */
export const BUNDLE_OPTIONS = {
  bundle: true,
  platform: "node",
  format: "esm",
  target: "node20",
  logLevel: "warning",
  legalComments: "none",
  // Native code stays in node_modules; the bundle finds it there.
  external: ["ffi-rs", "@chdb/*"],
  banner: { js: REQUIRE_BANNER },
};

/** Services that serve queries, and the entry of the threads that evaluate large ones. */
const QUERYING_SERVICES = new Set(["query", "standalone"]);
export const WORKER_ENTRY = join(ROOT, "services", "query", "src", "execution", "worker", "query-worker.ts");
/** The entry of the thread that compares passwords, in every process. */
export const PASSWORD_WORKER_ENTRY = join(ROOT, "libs", "web-config", "src", "password-worker.mjs");

/** The services that have an entry of their own. */
export function bundledServices() {
  const isService = (name) => existsSync(join(ROOT, "services", name, "src", "main.ts"));
  return readdirSync(join(ROOT, "services")).filter(isService).sort();
}

/** Bundles a service into dist/<service>.mjs unless no source changed since, and returns that path. */
export async function bundleService(service) {
  const outFile = join(DIST, `${service}.mjs`);
  const stampFile = join(DIST, `${service}.stamp`);
  const stamp = sourceStamp();
  if (existsSync(outFile) && existsSync(stampFile) && readFileSync(stampFile, "utf8") === stamp) return outFile;
  mkdirSync(DIST, { recursive: true });
  await bundleFile(join(ROOT, "services", service, "src", "main.ts"), outFile);
  await bundleFile(PASSWORD_WORKER_ENTRY, join(DIST, "password-worker.mjs"));
  if (QUERYING_SERVICES.has(service)) await bundleFile(WORKER_ENTRY, join(DIST, "query-worker.mjs"));
  copyFileSync(
    join(ROOT, "services", "standalone", "src", "embedded", "clickhouse-process.mjs"),
    join(DIST, "clickhouse-process.mjs"),
  );
  writeFileSync(stampFile, stamp);
  return outFile;
}

async function bundleFile(entry, outFile) {
  // Whole or not at all: another start may be reading the file.
  const newFile = `${outFile}.${process.pid}.new.mjs`;
  const code = await runPackageBinary("esbuild", [
    entry,
    `--outfile=${newFile}`,
    "--bundle",
    `--platform=${BUNDLE_OPTIONS.platform}`,
    `--format=${BUNDLE_OPTIONS.format}`,
    `--target=${BUNDLE_OPTIONS.target}`,
    `--log-level=${BUNDLE_OPTIONS.logLevel}`,
    `--legal-comments=${BUNDLE_OPTIONS.legalComments}`,
    ...BUNDLE_OPTIONS.external.map((name) => `--external:${name}`),
    `--banner:js=${REQUIRE_BANNER}`,
  ]);
  if (code !== 0) process.exit(1);
  renameSync(newFile, outFile);
}

/** Changes whenever a source file or a dependency does: every file's name, size and time of change. */
function sourceStamp() {
  const hash = createHash("sha256").update(readFileSync(join(ROOT, "package-lock.json")));
  for (const folder of ["libs", "services"]) {
    for (const name of readdirSync(join(ROOT, folder)).sort()) addFolder(hash, join(ROOT, folder, name, "src"));
  }
  addFile(hash, join(ROOT, "tools", "setup", "bundle.mjs"));
  return hash.digest("hex");
}

function addFolder(hash, folder) {
  if (!existsSync(folder)) return;
  const entries = readdirSync(folder, { withFileTypes: true, recursive: true });
  const paths = entries
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath ?? entry.path, entry.name));
  for (const path of paths.sort()) {
    if (!path.endsWith(".test.ts")) addFile(hash, path);
  }
}

function addFile(hash, path) {
  const { size, mtimeMs } = statSync(path);
  hash.update(`${path}\0${size}\0${mtimeMs}\0`);
}
