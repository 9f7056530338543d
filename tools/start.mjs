// npm start -- [flags]: installs what is missing, builds what changed, and runs standalone in the foreground.
import { join } from "node:path";

import { requireNodeVersion } from "./setup/node-version.mjs";
import { ensureNpmPackages } from "./setup/npm-packages.mjs";
import { ROOT } from "./setup/paths.mjs";
import { flagValue, runService, standalonePackages } from "./setup/run-service.mjs";
import { ensureSystemPackages } from "./setup/system-packages.mjs";

requireNodeVersion();
const flags = process.argv.slice(2);
await ensureNpmPackages();

// Without a configuration of the user's own there is something to see at once: this machine, by node_exporter.
const isAlertmanager = flagValue(flags, "roles")?.trim() === "alertmanager";
const isTour = flagValue(flags, "config.file") === undefined && !isAlertmanager;
await ensureSystemPackages([...standalonePackages(flags), ...(isTour ? ["nodeExporter"] : [])]);
const tourFlags = isTour ? [`--config.file=${join(ROOT, "prometheus.yml")}`] : [];
if (isTour && flagValue(flags, "node-exporter.listen-address") === undefined) {
  tourFlags.push("--node-exporter.listen-address=127.0.0.1:9100");
}
await runService("standalone", [...tourFlags, ...flags]);
