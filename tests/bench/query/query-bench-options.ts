import { parseArgs } from "node:util";
import { OURS_COMMAND, type OursOptions } from "../ingest/bench-options.ts";

export interface QueryBenchOptions extends OursOptions {
  /** Counters of the short load: `hours` at one sample every 15 s. */
  readonly series: number;
  readonly hours: number;
  readonly systems: readonly string[];
  /** How often a heavy query is asked; light ones are asked ten times as often. */
  readonly runs: number;
  /** A folder that keeps the load and the systems' data, so that the next run with it need not load again. */
  readonly keep: string | undefined;
}

export function parseQueryOptions(args: readonly string[]): QueryBenchOptions {
  const { values } = parseArgs({
    args: [...args],
    options: {
      series: { type: "string", default: "10000" },
      hours: { type: "string", default: "6" },
      systems: { type: "string", default: "ours,prometheus,victoria-metrics" },
      runs: { type: "string", default: "3" },
      keep: { type: "string" },
      "ours-command": { type: "string", default: OURS_COMMAND },
      "ours-url": { type: "string" },
      "ours-pid": { type: "string" },
    },
  });
  return {
    series: Number(values.series),
    hours: Number(values.hours),
    systems: values.systems.split(","),
    runs: Number(values.runs),
    keep: values.keep,
    oursCommand: values["ours-command"],
    oursUrl: values["ours-url"],
    oursPid: values["ours-pid"] === undefined ? undefined : Number(values["ours-pid"]),
  };
}
