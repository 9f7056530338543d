import { isDeepStrictEqual } from "node:util";
import type { Logger } from "@monotreme/telemetry";
import type { CheckDefinition } from "../checks/check.ts";
import type { CheckStore } from "../checks/check-store.ts";
import { newCheck } from "../checks/create-check.ts";
import type { HeartbeatSecret } from "./heartbeat-secret.ts";
import type { FileCheck } from "./check-section.ts";

export interface ApplyOptions {
  readonly store: CheckStore;
  readonly secret: HeartbeatSecret;
  readonly logger: Logger;
  readonly now: () => number;
}

/** Writes that run at once. */
const AT_ONCE = 64;

/**
 * Makes the checks that the file owns be those of the file: new ones are created, others get their definition and keep
 * their state, those that the file no longer has are removed. What the API made is left alone.
 */
export async function applyFileChecks(fileChecks: readonly FileCheck[], options: ApplyOptions): Promise<void> {
  const { store, secret, logger } = options;
  const checks = fileChecks.map((check) => ({
    ...check,
    id: check.id ?? secret.checkId(check.project, "slug", check.slug),
  }));
  const named = new Set(checks.map(({ id }) => id));
  const gone = [...store.all()].filter(({ origin, definition }) => origin === "file" && !named.has(definition.id));
  const counts = { created: 0, changed: 0, removed: gone.length };
  await inTurns(checks, async (definition) => {
    const outcome = await applyCheck(definition, options);
    if (outcome !== "same") counts[outcome]++;
  });
  await inTurns(gone, async ({ definition: { id, name, slug } }) => {
    await store.remove(id);
    logger.info({ check: id, name, slug }, "check removed: the heartbeat file no longer has it");
  });
  if (counts.created + counts.changed + counts.removed > 0) logger.info(counts, "checks of the heartbeat file applied");
}

async function applyCheck(
  definition: CheckDefinition,
  { store, now }: ApplyOptions,
): Promise<"created" | "changed" | "same"> {
  if (store.get(definition.id) === undefined && (await store.create(newCheck(definition, "file", now())))) {
    return "created";
  }
  let isChanged = false;
  await store.update(definition.id, (current) => {
    isChanged = current.origin !== "file" || !isDeepStrictEqual(current.definition, definition);
    return isChanged ? { ...current, definition, origin: "file" } : undefined;
  });
  return isChanged ? "changed" : "same";
}

async function inTurns<T>(items: readonly T[], run: (item: T) => Promise<void>): Promise<void> {
  const rest = items.values();
  const worker = async (): Promise<void> => {
    for (const item of rest) await run(item);
  };
  await Promise.all(Array.from({ length: AT_ONCE }, worker));
}
