import { askReplicas, type Bus } from "@monotreme/bus";
import type { ClickHouse } from "@monotreme/clickhouse";
import { RUNNING_BLOCKS_SUBJECT, type RunningBlock, type RunningBlocks } from "@monotreme/contracts";
import { messageOf } from "@monotreme/errors";
import { type BlockCatalog, resolutionOf } from "@monotreme/storage";
import type { Logger } from "@monotreme/telemetry";
import { z } from "zod";
import type { RunningJob } from "../job-runner.ts";
import { CatalogView } from "../plan/catalog-view.ts";
import { makePlan, type PlanOptions } from "../plan/plan.ts";
import { type BlocksFilter, describeBlocks, type DescribedBlocks } from "./describe-blocks.ts";
import { readDiskSizes } from "./disk-sizes.ts";

export interface BlockStatusOptions {
  readonly clickhouse: ClickHouse;
  readonly catalog: BlockCatalog;
  /** Asked what every compactor works on; without it no progress is told. */
  readonly bus: Bus | undefined;
  readonly plan: PlanOptions;
}

const ASK = { maxWaitMs: 1000, quietMs: 100, maxBytes: 4 * 2 ** 20 } as const;

const runningBlocks = z.object({
  replica: z.string(),
  running: z.array(
    z.object({
      resolution: z.string(),
      startMs: z.number(),
      kind: z.string(),
      startedMs: z.number(),
      done: z.number(),
      total: z.number(),
    }),
  ),
});

/** Tells what blocks there are. Calls may overlap; they wait for each other. */
export class BlockStatus {
  readonly #options: BlockStatusOptions;
  readonly #view: CatalogView;
  #turn: Promise<unknown> = Promise.resolve();

  constructor(options: BlockStatusOptions) {
    this.#options = options;
    this.#view = new CatalogView(options.clickhouse, options.catalog);
  }

  /** Everything that the filter asks for, as it is now. */
  async describe(filter: BlocksFilter, signal: AbortSignal): Promise<DescribedBlocks> {
    const [state, disk, running] = await Promise.all([
      this.#inTurn(async () => this.#view.refresh(signal)),
      readDiskSizes(this.#options.clickhouse, signal),
      this.#askRunning(),
    ]);
    return describeBlocks({ state, plan: makePlan(state, this.#options.plan), disk, running }, filter);
  }

  /** An answer without progress is better than none. */
  async #askRunning(): Promise<readonly RunningBlock[]> {
    const { bus } = this.#options;
    if (bus === undefined || !bus.isConnected) return [];
    try {
      const { messages } = await askReplicas(bus, RUNNING_BLOCKS_SUBJECT, "{}", ASK);
      return messages.flatMap((data) => runningBlocks.parse(JSON.parse(Buffer.from(data).toString())).running);
    } catch (error) {
      bus.logger.debug({ reason: messageOf(error) }, "compactors were not asked");
      return [];
    }
  }

  async #inTurn<T>(run: () => Promise<T>): Promise<T> {
    const turn = this.#turn.then(run);
    this.#turn = turn.catch(() => undefined);
    return turn;
  }
}

/** Answers others what this process works on, until it is closed. */
export function answerRunning(
  bus: Bus,
  replica: string,
  running: () => readonly RunningJob[],
  logger: Logger,
): { close(): void } {
  const subscription = bus.connection.subscribe(RUNNING_BLOCKS_SUBJECT, {
    callback: (error, message) => {
      if (error !== null) return;
      const answer: RunningBlocks = { replica, running: running().map(describeRunning) };
      if (!message.respond(JSON.stringify(answer))) logger.debug("a question without a reply subject");
    },
  });
  return { close: () => subscription.unsubscribe() };
}

function describeRunning({ key, kind, startedMs, done, total }: RunningJob): RunningBlock {
  return { resolution: resolutionOf(key.resolutionMs).name, startMs: key.startMs, kind, startedMs, done, total };
}
