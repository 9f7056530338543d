import { existsSync, readFileSync } from "node:fs";
import { parseScript, runOnEngine, runScript } from "@monotreme/promql/testing";
import { describe, expect, test } from "vitest";
import { KNOWN_FAILURES } from "./known-failures.ts";

const FOLDER = new URL("../../../shared/promqltest/", import.meta.url);

describe.skipIf(!existsSync(FOLDER))(
  "promqltest - Prometheus' scripts (skipped where they do not lie beside the repository)",
  () => {
    for (const [file, knownLines] of Object.entries(KNOWN_FAILURES)) {
      test(`promqltest - ${file} fails only where known`, async () => {
        const text = readFileSync(new URL(file, FOLDER), "utf8");
        const reports = await runScript(parseScript(file, text), runOnEngine());
        const failed = reports.filter(({ failure }) => failure !== undefined);
        const surprises = failed.filter(({ line }) => !knownLines.includes(line));
        expect(surprises.map(({ line, query, failure }) => `${file}:${line}: ${query}: ${failure}`)).toEqual([]);
        // What passes by now has to leave the list, so that it stays passing.
        const failedLines = new Set(failed.map(({ line }) => line));
        expect(knownLines.filter((line) => !failedLines.has(line))).toEqual([]);
        expect(reports.length).toBeGreaterThan(0);
      });
    }
  },
);
