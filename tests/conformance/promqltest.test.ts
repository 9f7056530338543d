import { existsSync, readdirSync, readFileSync } from "node:fs";
import { parseScript, runOnEngine, runScript } from "@monotreme/promql/testing";
import { describe, expect, test } from "vitest";

const FOLDER = new URL("../../../shared/promqltest/", import.meta.url);

/** Every script that lies there, so that a new one cannot be forgotten. */
const SCRIPTS = existsSync(FOLDER) ? readdirSync(FOLDER).filter((file) => file.endsWith(".test")) : [];

describe.skipIf(SCRIPTS.length === 0)(
  "promqltest - Prometheus' scripts (skipped where they do not lie beside the repository)",
  () => {
    test.each(SCRIPTS)("promqltest - %s passes as a whole", async (file) => {
      const text = readFileSync(new URL(file, FOLDER), "utf8");
      const reports = await runScript(parseScript(file, text), runOnEngine());
      const failed = reports.filter(({ failure }) => failure !== undefined);
      expect(failed.map(({ line, query, failure }) => `${file}:${line}: ${query}: ${failure}`)).toEqual([]);
      expect(reports.length).toBeGreaterThan(0);
    });
  },
);
