import { connectBus, Leases } from "@monotreme/bus";
import { ClickHouse } from "@monotreme/clickhouse";
import { SYSTEM_CLOCK } from "@monotreme/clock";
import { type CommandLine, describeFlags, type FlagValues, parseFlags } from "@monotreme/config";
import { AppError } from "@monotreme/errors";
import { BlockCatalog, blockHistories, type BlockRecord, resolutionOf } from "@monotreme/storage";
import { DEFAULT_CLASS } from "@monotreme/retention";
import { createSilentLogger, Registry } from "@monotreme/telemetry";
import { blockLeases } from "../block-leases.ts";
import { createJobRunner } from "../create-job-runner.ts";
import { openPolicies } from "../forgetting.ts";
import { createCompactorMetrics } from "../metrics.ts";
import { CatalogView } from "../plan/catalog-view.ts";
import { BlockStatus } from "../status/block-status.ts";
import { RESOLUTION_NAMES } from "../status/describe-blocks.ts";
import { createClassesOfSeries } from "../retention/classes-of-series.ts";
import { BLOCKS_COMMAND_FLAGS } from "./flags.ts";
import { listBlocks } from "./list-blocks.ts";
import { compactBlocks, type MadeBlocks, type MakeBlocksOptions, rebuildBlocks } from "./make-blocks.ts";
import { resolveServerUrls, type ServerUrls } from "./server-urls.ts";
import type { Terminal } from "./terminal.ts";
import { verifyBlock } from "./verify-blocks.ts";

const SUBCOMMANDS = ["list", "verify", "compact", "rebuild"] as const;
type Subcommand = (typeof SUBCOMMANDS)[number];
type Values = FlagValues<typeof BLOCKS_COMMAND_FLAGS>;

const USAGE = `Usage: npm run monotreme -- blocks <list|verify|compact|rebuild> [flags]

  list      what blocks there are
  verify    reads every chunk and compares it with the catalog; exit code 1 where there is a fault
  compact   makes what is due now, without waiting for delays; tries blocks again that were set aside
  rebuild   makes blocks of --resolution again: 5m and 1h from finer data, raw from its rows and chunks

Flags:`;

const LEASE_TTL_MS = 15_000;

/** Runs `monotreme blocks …`; the exit code: 0 where all went well, 1 where something is wrong. */
export async function runBlocksCommand(
  { argv, environment }: CommandLine,
  terminal: Terminal,
  signal: AbortSignal,
): Promise<number> {
  const [name, ...rest] = argv;
  const subcommand = SUBCOMMANDS.find((one) => one === name);
  if (subcommand === undefined || rest.includes("--help")) {
    terminal.line(`${USAGE}\n${describeFlags(BLOCKS_COMMAND_FLAGS)}`);
    return name === "--help" || rest.includes("--help") ? 0 : 1;
  }
  const { values } = parseFlags(BLOCKS_COMMAND_FLAGS, { argv: rest, environment });
  if (subcommand === "rebuild" && values.resolution === undefined) {
    throw new AppError("BLOCKS_REQUEST_INVALID", "invalid", `rebuild needs --resolution=${RESOLUTION_NAMES.join("|")}`);
  }
  const urls = await resolveServerUrls(values);
  const clickhouse = new ClickHouse({ url: urls.clickhouseUrl, database: values.clickhouseDatabase });
  try {
    if (!(await clickhouse.ping())) {
      throw new AppError(
        "CLICKHOUSE_UNAVAILABLE",
        "unavailable",
        `ClickHouse at ${clickhouse.safeUrl} does not answer`,
      );
    }
    return await runSubcommand(subcommand, { values, urls, clickhouse, terminal, signal });
  } finally {
    await clickhouse.close();
  }
}

interface Run {
  readonly values: Values;
  readonly urls: ServerUrls;
  readonly clickhouse: ClickHouse;
  readonly terminal: Terminal;
  readonly signal: AbortSignal;
}

async function runSubcommand(subcommand: Subcommand, run: Run): Promise<number> {
  switch (subcommand) {
    case "list":
      return list(run);
    case "verify":
      return verify(run);
    case "compact":
      return make(run, async (options) => compactBlocks(run.values, options));
    case "rebuild":
      return make(run, async (options) => rebuildBlocks(run.values, options));
  }
}

async function list({ values, clickhouse, terminal, signal }: Run): Promise<number> {
  const catalog = new BlockCatalog(clickhouse, "command line");
  // As by default: what is due is told, not done.
  const plan = { delayMs: 1_800_000, lateDelayMs: 300_000, graceMs: 600_000 };
  const status = new BlockStatus({ clickhouse, catalog, bus: undefined, plan });
  const { resolution, startMs, endMs } = values;
  const described = await status.describe(
    {
      ...(resolution !== undefined && { resolutions: [resolution] }),
      ...(startMs !== undefined && { startMs }),
      ...(endMs !== undefined && { endMs }),
    },
    signal,
  );
  if (values.isJson) terminal.line(JSON.stringify(described, undefined, 2));
  else listBlocks(described, terminal);
  return 0;
}

async function verify({ values, clickhouse, terminal, signal }: Run): Promise<number> {
  const records = await readCurrent(clickhouse, values, signal);
  let faults = 0;
  let samples = 0;
  for (const [i, record] of records.entries()) {
    terminal.progress(`verifying ${i + 1} of ${records.length}`, i / records.length);
    const verified = await verifyBlock(clickhouse, record, signal);
    samples += verified.samples;
    faults += verified.faults.length;
    for (const { block, series, fault } of verified.faults) {
      terminal.line(`${block}${series === undefined ? "" : ` series ${series}`}: ${fault}`);
    }
  }
  terminal.endProgress();
  terminal.line(
    `${records.length} blocks, ${samples} samples and buckets, ${faults === 0 ? "no faults" : `${faults} faults`}`,
  );
  return faults === 0 ? 0 : 1;
}

async function readCurrent(clickhouse: ClickHouse, values: Values, signal: AbortSignal): Promise<BlockRecord[]> {
  const records = await new BlockCatalog(clickhouse, "command line").read({ signal });
  const { resolution, startMs = -Infinity, endMs = Infinity } = values;
  return [...blockHistories(records).values()]
    .flatMap(({ current }) => current ?? [])
    .filter((record) => {
      const { name, blockMs } = resolutionOf(record.resolutionMs);
      const isWanted = resolution === undefined || resolution === name;
      return isWanted && record.startMs + blockMs > startMs && record.startMs < endMs;
    })
    .toSorted((a, b) => a.resolutionMs - b.resolutionMs || a.startMs - b.startMs);
}

async function make(
  { values, clickhouse, urls, terminal, signal }: Run,
  work: (options: MakeBlocksOptions) => Promise<MadeBlocks>,
): Promise<number> {
  const [logger, registry] = [createSilentLogger(), new Registry()];
  const policies = await openPolicies(values, logger);
  if (!policies.current.hasClasses) await requireDefaultClass(clickhouse, signal);
  const bus = await connectBus({ url: urls.natsUrl, name: "blocks", logger, registry });
  const allLeases = await Leases.open(bus, { holder: "compactor-command", ttlMs: LEASE_TTL_MS, replicas: 1 });
  try {
    const leases = blockLeases(allLeases, SYSTEM_CLOCK, () => undefined);
    const catalog = new BlockCatalog(clickhouse, leases.id);
    const { meter } = createCompactorMetrics(registry);
    const classesOf = createClassesOfSeries(clickhouse, policies);
    const runner = createJobRunner({ bus, clickhouse, catalog, leases, classesOf, meter, logger });
    const view = new CatalogView(clickhouse, catalog);
    const { done, failed } = await work({ view, runner, leases, clock: SYSTEM_CLOCK, terminal, signal });
    terminal.endProgress();
    terminal.line(`${done} blocks made${failed === 0 ? "" : `, ${failed} failed (see blocks list)`}`);
    return failed === 0 ? 0 : 1;
  } finally {
    await allLeases.close();
    await bus.close();
  }
}

/** Blocks written without the policy would forget its classes. */
async function requireDefaultClass(clickhouse: ClickHouse, signal: AbortSignal): Promise<void> {
  const query = `SELECT DISTINCT splitByChar(char(39), partition)[2] AS class FROM system.parts
    WHERE database = currentDatabase() AND table = 'raw_chunks' AND active AND rows > 0`;
  const classes = (await clickhouse.queryRows(query, { signal })).map((row) => String(row["class"]));
  const others = classes.filter((name) => name !== DEFAULT_CLASS);
  if (others.length === 0) return;
  const named = others.slice(0, 5).join(", ");
  throw new AppError(
    "BLOCKS_REQUEST_INVALID",
    "invalid",
    `there are blocks of retention classes (${named}): name the compactors' policy by --retention.policy.file`,
  );
}
