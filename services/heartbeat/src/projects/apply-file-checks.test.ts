import { createSilentLogger } from "@monotreme/telemetry";
import { beforeEach, expect, test } from "vitest";
import { CheckStore } from "../checks/check-store.ts";
import { newCheck, newDefinition } from "../checks/create-check.ts";
import { MemoryBucket, PROJECT_ID, START_MS } from "../heartbeat-fixture.ts";
import { applyFileChecks } from "./apply-file-checks.ts";
import type { FileCheck } from "./check-section.ts";
import { HeartbeatSecret } from "./heartbeat-secret.ts";

let store: CheckStore;
let secret: HeartbeatSecret;
beforeEach(async () => {
  secret = await HeartbeatSecret.open(new MemoryBucket());
  store = new CheckStore({ bucket: new MemoryBucket(), logger: createSilentLogger(), onChange: () => undefined });
  await store.start();
});

function fileCheck(slug: string, change: Partial<FileCheck> = {}): FileCheck {
  return { ...newDefinition(PROJECT_ID), id: undefined, name: slug, slug, ...change };
}

async function apply(...checks: readonly FileCheck[]): Promise<void> {
  const logger = createSilentLogger();
  await applyFileChecks(checks, {
    store,
    secret,
    logger,
    now: () => START_MS,
  });
}

test("file checks - keep their ids and states while their definitions change", async () => {
  await apply(fileCheck("a"), fileCheck("b"));
  const [before] = store.withSlug(PROJECT_ID, "a");
  await store.update(before?.definition.id ?? "", (check) => ({ ...check, state: { ...check.state, pingCount: 7 } }));
  await apply(fileCheck("a", { graceMs: 120_000 }), fileCheck("b"));
  const [after] = store.withSlug(PROJECT_ID, "a");
  expect(after?.definition).toEqual({ ...before?.definition, graceMs: 120_000 });
  expect(after?.state.pingCount).toBe(7);
  expect(store.size).toBe(2);
});

test("file checks - nothing is written where nothing changed", async () => {
  await apply(fileCheck("a"));
  const [before] = store.withSlug(PROJECT_ID, "a");
  await apply(fileCheck("a"));
  expect(store.withSlug(PROJECT_ID, "a")[0]?.revision).toBe(before?.revision);
});

test("file checks - go when the file no longer has them, and come back as new; others stay", async () => {
  const own = newCheck({ ...newDefinition(PROJECT_ID), slug: "mine" }, "api", START_MS);
  await store.create(own);
  await apply(fileCheck("a"), fileCheck("b"));
  const [before] = store.withSlug(PROJECT_ID, "a");
  await apply(fileCheck("b"));
  expect([...store.all()].map(({ definition }) => definition.slug).toSorted()).toEqual(["b", "mine"]);
  await apply(fileCheck("a"), fileCheck("b"));
  const [after] = store.withSlug(PROJECT_ID, "a");
  expect(after?.definition.id).toBe(before?.definition.id);
  expect(after?.state.status).toBe("new");
});

test("file checks - a check that was made by the API under the same id becomes the file's", async () => {
  const id = "0123abcd-0123-4abc-8abc-0123456789ab";
  await store.create(newCheck({ ...newDefinition(PROJECT_ID), id }, "api", START_MS));
  await apply(fileCheck("a", { id }));
  expect(store.get(id)).toMatchObject({ origin: "file", definition: { slug: "a" } });
});
