// npm test: installs what is missing, then runs every check and every test, and ends with one line of counts.
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
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

const total = { passed: 0, failed: 0, skipped: 0 };
const startedMs = Date.now();

requireNodeVersion();
await ensureNpmPackages();
await ensureSystemPackages(["nats", "redis", "nodeExporter", "prometheus", "alertmanager", ...HEARTBEAT_CLIENTS]);

for (const check of CHECKS) {
  await step(check.name, async () => {
    const code = await runPackageBinary(check.binary, check.args, { timeoutMs: STEP_TIMEOUT_MS });
    return { passed: code === 0 ? 1 : 0, failed: code === 0 ? 0 : 1, skipped: 0 };
  });
}
// Tests that start the product find it built.
await bundleService("standalone");
const reports = mkdtempSync(join(tmpdir(), "monotreme-reports-"));
for (const project of TEST_PROJECTS) await step(project, async () => runProject(project));
rmSync(reports, { recursive: true, force: true });

console.log(`\nThe whole run took ${seconds(startedMs)} s.`);
console.log(summary(total));
process.exitCode = total.failed > 0 ? 1 : 0;

async function step(name, run) {
  const stepStartedMs = Date.now();
  console.log(`\n=== ${name}`);
  const counts = await run();
  for (const kind of Object.keys(total)) total[kind] += counts[kind];
  console.log(`=== ${name}: ${summary(counts)} in ${seconds(stepStartedMs)} s`);
}

async function runProject(project) {
  const report = join(reports, `${project}.json`);
  const args = ["run", "--project", project, "--passWithNoTests", "--reporter=default", "--reporter=json"];
  const code = await runPackageBinary("vitest", [...args, `--outputFile.json=${report}`], {
    timeoutMs: STEP_TIMEOUT_MS,
  });
  const counts = countsOf(report);
  // A run that failed beside its tests (a file that does not load, an unhandled rejection, a crash) is a failure too.
  if (code !== 0 && counts.failed === 0) counts.failed = 1;
  return counts;
}

function countsOf(report) {
  try {
    const result = JSON.parse(readFileSync(report, "utf8"));
    const isBrokenFile = (file) =>
      file.status === "failed" && file.assertionResults.every((t) => t.status !== "failed");
    return {
      passed: result.numPassedTests,
      failed: result.numFailedTests + result.testResults.filter(isBrokenFile).length,
      skipped: result.numPendingTests + result.numTodoTests,
    };
  } catch {
    return { passed: 0, failed: 0, skipped: 0 };
  }
}

function summary({ passed, failed, skipped }) {
  return `${passed} passed, ${failed} failed${skipped > 0 ? `, ${skipped} skipped` : ""}`;
}

function seconds(sinceMs) {
  return Math.round((Date.now() - sinceMs) / 1000);
}
