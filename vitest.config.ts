import { defineConfig } from "vitest/config";

// One project per kind of test. Everything that starts a second process lives in tests/ and runs file by file,
// because the machine has two cores and each file starts real servers of its own.
// They share nothing but modules, whose loading would take a quarter of the time: those are loaded once a worker.
const serial = { fileParallelism: false, isolate: false, testTimeout: 120_000, hookTimeout: 120_000 };

const TWO_FILES = { fileParallelism: true, maxWorkers: 2 };

export default defineConfig({
  test: {
    reporters: ["default"],
    projects: [
      {
        test: {
          name: "unit",
          include: ["libs/*/src/**/*.test.ts", "services/*/src/**/*.test.ts", "tools/**/*.test.ts"],
          pool: "threads",
          // Property tests count their runs, not their seconds.
          testTimeout: 60_000,
          isolate: false,
        },
      },
      { test: { name: "architecture", include: ["tests/architecture/**/*.test.ts"] } },
      { test: { name: "conformance", include: ["tests/conformance/**/*.test.ts"], testTimeout: 60_000 } },
      // Mostly waiting: two files at a time take little more than half as long as one after the other.
      { test: { name: "integration", include: ["tests/integration/**/*.test.ts"], ...serial, ...TWO_FILES } },
      { test: { name: "e2e", include: ["tests/e2e/**/*.test.ts"], ...serial } },
      { test: { name: "chaos", include: ["tests/chaos/**/*.test.ts"], ...serial, testTimeout: 300_000 } },
    ],
  },
});
