// npm test: installs what is missing, then runs every check and every test, and ends with what failed and one line
// of counts.
import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { bundleService } from "./setup/bundle.mjs";
import { CHECKS } from "./setup/checks.mjs";
import { requireNodeVersion } from "./setup/node-version.mjs";
import { ensureNpmPackages } from "./setup/npm-packages.mjs";
import { runPackageBinary } from "./setup/run-command.mjs";
import { ensureSystemPackages } from "./setup/system-packages.mjs";

const HEARTBEAT_CLIENTS = ["curl", "borgbackup", "borgmatic"];
const TEST_PROJECTS = ["unit", "architecture", "conformance", "integration", "e2e", "chaos"];
const STEP_TIMEOUT_MS = 15 * 60_000;

const REASON_LINES = 12;

const total = { passed: 0, failed: 0, skipped: 0 };
const failures = [];
const startedMs = Date.now();

requireNodeVersion();
await ensureNpmPackages();
await ensureSystemPackages(["nats", "redis", "nodeExporter", "prometheus", "alertmanager", ...HEARTBEAT_CLIENTS]);

for (const check of CHECKS) {
  await step(check.name, async () => {
    const code = await runPackageBinary(check.binary, check.args, { timeoutMs: STEP_TIMEOUT_MS });
    if (code === 0) return { passed: 1, failed: 0, skipped: 0, failures: [] };
    return failedRun(check.name, `ended with ${code}; its output is above`);
  });
}
// Tests that start the product find it built.
await bundleService("standalone");
const reports = mkdtempSync(join(tmpdir(), "monotreme-reports-"));
for (const project of TEST_PROJECTS) await step(project, async () => runProject(project));
rmSync(reports, { recursive: true, force: true });

for (const { name, reasons } of failures) {
  console.log(`\nFAILED ${name}`);
  for (const reason of reasons) console.log(shortened(reason));
}
console.log(`\nThe whole run took ${seconds(startedMs)} s.`);
console.log(summary(total));
process.exitCode = total.failed > 0 ? 1 : 0;

async function step(name, run) {
  const stepStartedMs = Date.now();
  console.log(`\n=== ${name}`);
  const counts = await run();
  for (const kind of Object.keys(total)) total[kind] += counts[kind];
  failures.push(...counts.failures);
  console.log(`=== ${name}: ${summary(counts)} in ${seconds(stepStartedMs)} s`);
}

async function runProject(project) {
  const report = join(reports, `${project}.json`);
  const args = ["run", "--project", project, "--passWithNoTests", "--reporter=default"];
  const code = await runPackageBinary("vitest", [...args, "--reporter=./tools/setup/failures-reporter.mjs"], {
    timeoutMs: STEP_TIMEOUT_MS,
    env: { TEST_REPORT_FILE: report },
  });
  if (!existsSync(report)) return failedRun(project, `ended with ${code} and without a report`);
  const counts = JSON.parse(readFileSync(report, "utf8"));
  // A run that failed beside its tests (a crash at the very end, a time that ran out) is a failure too.
  if (code === 0 || counts.failed > 0) return counts;
  return { ...failedRun(project, `ended with ${code}; its output is above`), passed: counts.passed };
}

function failedRun(name, reason) {
  return { passed: 0, failed: 1, skipped: 0, failures: [{ name, reasons: [reason] }] };
}

/** The message and our own lines of the stack. */
function shortened(reason) {
  const lines = reason.split("\n").filter((line) => !line.includes("node_modules/"));
  return lines.slice(0, REASON_LINES).join("\n");
}

function summary({ passed, failed, skipped }) {
  return `${passed} passed, ${failed} failed${skipped > 0 ? `, ${skipped} skipped` : ""}`;
}

function seconds(sinceMs) {
  return Math.round((Date.now() - sinceMs) / 1000);
}
