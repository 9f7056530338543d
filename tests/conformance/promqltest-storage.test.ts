import { existsSync, readdirSync, readFileSync } from "node:fs";
import { parseScript, runOnEngine, runScript } from "@monotreme/promql/testing";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type StoredScripts, startStoredScripts } from "../../tools/promqltest/stored-scripts.ts";

const FOLDER = new URL("../../../shared/promqltest/", import.meta.url);
const FILES = existsSync(FOLDER) ? readdirSync(FOLDER).filter((name) => name.endsWith(".test")) : [];

/** Every sample goes through JetStream, an ingester and ClickHouse before it is evaluated. */
describe.skipIf(FILES.length === 0)("promqltest - Prometheus' scripts through the storage", () => {
  let stored: StoredScripts;

  beforeAll(async () => {
    stored = await startStoredScripts();
  });

  afterAll(async () => {
    await stored?.close();
  });

  test.concurrent.for(FILES)("promqltest - %s through the storage", { timeout: 120_000 }, async (file) => {
    const script = parseScript(file, readFileSync(new URL(file, FOLDER), "utf8"));
    const reports = await runScript(script, runOnEngine(), stored.createStore());
    const failed = reports.filter(({ failure }) => failure !== undefined);
    expect(failed.map(({ line, query, failure }) => `${file}:${line}: ${query}: ${failure}`)).toEqual([]);
    expect(reports.length).toBeGreaterThan(0);
  });
});
