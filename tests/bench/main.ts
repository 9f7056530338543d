/** `npm run bench -- <name> [options]`: each bench is a folder of its own with a function that returns its exit code. */
type Bench = (args: readonly string[]) => Promise<number>;

const BENCHES: Readonly<Record<string, () => Promise<Bench>>> = {
  ingest: async () => (await import("./ingest/ingest-bench.ts")).runIngestBench,
  heartbeat: async () => (await import("./heartbeat/heartbeat-bench.ts")).runHeartbeatBench,
  "heartbeat-storm": async () => (await import("./heartbeat/deadline-storm.ts")).runDeadlineStorm,
  query: async () => (await import("./query/query-bench.ts")).runQueryBench,
  "query-protection": async () =>
    (await import("./query-protection/query-protection-bench.ts")).runQueryProtectionBench,
  storage: async () => (await import("./storage/storage-bench.ts")).runStorageBench,
  "storage-layouts": async () => (await import("./storage/layouts/layouts-bench.ts")).runLayoutsBench,
  "storage-query": async () => (await import("./storage/downsampled/downsampled-bench.ts")).runDownsampledBench,
  "storage-compaction": async () => (await import("./storage/compaction/compaction-bench.ts")).runCompactionBench,
};

const [name = "", ...args] = process.argv.slice(2);
const load = BENCHES[name];
if (load === undefined) {
  console.error(`usage: npm run bench -- <${Object.keys(BENCHES).join("|")}> [options]`);
  process.exitCode = 2;
} else {
  const bench = await load();
  process.exitCode = await bench(args);
}
