import { parseArgs } from "node:util";

/** How the product is started or reached. */
export interface OursOptions {
  /** Starts the product; `{port}`, `{dir}` and `{config}` (a file without targets) are filled in. */
  readonly oursCommand: string;
  /** A product that runs already, with the process whose tree is measured. */
  readonly oursUrl: string | undefined;
  readonly oursPid: number | undefined;
}

export interface IngestBenchOptions extends OursOptions {
  readonly series: number;
  readonly samplesPerSeries: number;
  readonly samplesPerRequest: number;
  readonly connections: number;
  /** How often the newest visible sample is asked for; 0: never. */
  readonly pollMs: number;
  /** Processor time is counted until this long after the last answer, so that work put off is seen. */
  readonly settleMs: number;
  /** Counts right after the last answer, to time it; the counting is then part of the settled processor time. */
  readonly countFirst: boolean;
  /** A system that takes longer has failed. */
  readonly timeoutMs: number;
  readonly systems: readonly string[];
}

export const OURS_COMMAND =
  "node tools/start.mjs --config.file={config} --storage.path={dir}/data --web.listen-address=127.0.0.1:{port} " +
  "--alertmanager.web.listen-address=127.0.0.1:0 --heartbeat.web.listen-address=127.0.0.1:0";

export function parseIngestOptions(args: readonly string[]): IngestBenchOptions {
  const { values } = parseArgs({
    args: [...args],
    options: {
      series: { type: "string", default: "10000" },
      samples: { type: "string", default: "200" },
      batch: { type: "string", default: "2000" },
      connections: { type: "string", default: "4" },
      "poll-ms": { type: "string", default: "200" },
      "settle-ms": { type: "string", default: "5000" },
      "count-first": { type: "boolean", default: false },
      "timeout-ms": { type: "string", default: "180000" },
      systems: { type: "string", default: "ours,prometheus,victoria-metrics" },
      "ours-command": { type: "string", default: OURS_COMMAND },
      "ours-url": { type: "string" },
      "ours-pid": { type: "string" },
    },
  });
  return {
    series: Number(values.series),
    samplesPerSeries: Number(values.samples),
    samplesPerRequest: Number(values.batch),
    connections: Number(values.connections),
    pollMs: Number(values["poll-ms"]),
    settleMs: Number(values["settle-ms"]),
    countFirst: values["count-first"],
    timeoutMs: Number(values["timeout-ms"]),
    systems: values.systems.split(","),
    oursCommand: values["ours-command"],
    oursUrl: values["ours-url"],
    oursPid: values["ours-pid"] === undefined ? undefined : Number(values["ours-pid"]),
  };
}
