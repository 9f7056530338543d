// A vitest reporter for npm test: counts, and what failed with its reason, as JSON in the file that
// TEST_REPORT_FILE names. Hooks, files that do not load and errors outside of tests are failures of their own.
import { writeFileSync } from "node:fs";

export default class FailuresReporter {
  onTestRunEnd(modules, unhandledErrors) {
    const report = { passed: 0, failed: 0, skipped: 0, failures: [] };
    for (const module of modules) addModule(report, module);
    for (const error of unhandledErrors) addFailure(report, "outside of any test", [error]);
    writeFileSync(process.env.TEST_REPORT_FILE, JSON.stringify(report));
  }
}

function addModule(report, module) {
  for (const part of [module, ...module.children.allSuites()]) {
    const errors = part.errors();
    if (errors.length > 0) addFailure(report, nameOf(module, part), errors);
  }
  for (const test of module.children.allTests()) {
    const { state, errors } = test.result();
    if (state === "failed") addFailure(report, nameOf(module, test), errors);
    else report[state === "passed" ? "passed" : "skipped"] += 1;
  }
}

function addFailure(report, name, errors) {
  report.failed += 1;
  report.failures.push({ name, reasons: errors.map(({ message, stack }) => stack ?? message ?? "no reason given") });
}

function nameOf(module, part) {
  return part === module ? module.relativeModuleId : `${module.relativeModuleId} > ${part.fullName}`;
}
