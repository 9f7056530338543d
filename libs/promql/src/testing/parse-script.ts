import { messageOf } from "@monotreme/errors";
import { ExpectationsReader } from "./parse-expectation.ts";
import { parsePoints, parseStartOffsets } from "./parse-points.ts";
import { parseSeriesLine } from "./parse-series-line.ts";
import type { EvaluationRange, LoadCommand, LoadedSeries, ScriptCommand } from "./script.ts";
import { ScriptError } from "./script-error.ts";
import { parseScriptTimeMs } from "./script-number.ts";

const LOAD = /^load(_with_nhcb)?\s+(\S+)$/;
const INSTANT = /^(eval(?:_fail|_warn|_info|_ordered)?)\s+instant(?:\s+at\s+(\S+))?\s+(.*)$/;
const RANGE = /^(eval(?:_fail|_warn|_info)?)\s+range\s+from\s+(\S+)\s+to\s+(\S+)\s+step\s+(\S+)\s+(.*)$/;

/** Reads a script in Prometheus' test language. Throws a {@link ScriptError} that names the file and line. */
export function parseScript(file: string, text: string): ScriptCommand[] {
  return new ScriptReader(file, text).run();
}

class ScriptReader {
  readonly #file: string;
  readonly #lines: readonly string[];
  readonly #commands: ScriptCommand[] = [];
  #index = 0;
  #histogramsLoaded = false;

  constructor(file: string, text: string) {
    this.#file = file;
    // A comment ends a block, as an empty line does.
    this.#lines = text.split(/\r?\n/).map((line) => (line.trim().startsWith("#") ? "" : line.trim()));
  }

  run(): ScriptCommand[] {
    for (; this.#index < this.#lines.length; this.#index++) {
      const line = this.#lines[this.#index] ?? "";
      if (line === "") continue;
      if (line === "clear") {
        this.#commands.push({ kind: "clear" });
        this.#histogramsLoaded = false;
      } else if (line.startsWith("load")) this.#load(line);
      else if (line.startsWith("eval")) this.#evaluate(line);
      else this.#fail(`unknown command ${line}`);
    }
    return this.#commands;
  }

  #load(line: string): void {
    const [, nhcb, step = ""] = LOAD.exec(line) ?? [];
    const stepMs = parseScriptTimeMs(step);
    if (stepMs === undefined || !(stepMs > 0)) this.#fail(`bad load command ${line}`);
    const command: LoadCommand = {
      kind: "load",
      stepMs,
      withCustomBuckets: nhcb !== undefined,
      series: this.#loadedSeries(),
    };
    this.#histogramsLoaded ||=
      command.withCustomBuckets || command.series.some(({ points }) => points.some(({ kind }) => kind === "histogram"));
    this.#commands.push(command);
  }

  #loadedSeries(): LoadedSeries[] {
    const series: LoadedSeries[] = [];
    let starts: { readonly key: string; readonly offsets: readonly (number | undefined)[] } | undefined;
    for (const text of this.#block()) {
      const line = this.#guard(() => parseSeriesLine(text)) ?? this.#fail(`not a series: ${text}`);
      if (line.isStartTimestamps) {
        starts = { key: line.labels.key, offsets: this.#guard(() => parseStartOffsets(line.points)) };
        continue;
      }
      const points = this.#guard(() => parsePoints(line.points));
      const offsets = starts?.key === line.labels.key ? starts.offsets : undefined;
      if (offsets !== undefined && offsets.length !== points.length) {
        this.#fail(`${offsets.length} start timestamps for ${points.length} points`);
      }
      series.push({ labels: line.labels, points, startOffsetsMs: offsets });
      starts = undefined;
    }
    return series;
  }

  #evaluate(line: string): void {
    const startLine = this.#index + 1;
    const { name, range, query } = this.#evaluationHead(line);
    const reader = new ExpectationsReader();
    reader.expectByName(name);
    for (const text of this.#block()) this.#guard(() => reader.line(text));
    const expectations = reader.result();
    const usesHistograms =
      this.#histogramsLoaded ||
      expectations.series.some(({ points }) => points.some(({ kind }) => kind === "histogram"));
    this.#commands.push({ kind: "evaluate", line: startLine, query, range, expectations, usesHistograms });
  }

  #evaluationHead(line: string): { name: string; range: EvaluationRange; query: string } {
    const instant = INSTANT.exec(line);
    if (instant !== null) {
      const [, name = "", at = "0", query = ""] = instant;
      const timeMs = this.#time(at);
      return { name, query, range: { startMs: timeMs, endMs: timeMs, stepMs: 0 } };
    }
    const [, name, from = "", to = "", step = "", query = ""] = RANGE.exec(line) ?? [];
    if (name === undefined) this.#fail(`bad eval command ${line}`);
    const range = { startMs: this.#time(from), endMs: this.#time(to), stepMs: this.#time(step) };
    if (range.endMs < range.startMs || range.stepMs <= 0) this.#fail(`bad range in ${line}`);
    return { name, query, range };
  }

  /** The lines up to the next empty one. */
  *#block(): IterableIterator<string> {
    for (;;) {
      const line = this.#lines[this.#index + 1] ?? "";
      if (line === "") return;
      this.#index++;
      yield line;
    }
  }

  #time(text: string): number {
    return parseScriptTimeMs(text) ?? this.#fail(`bad time ${text}`);
  }

  /** Puts the file and line before whatever a part's parser throws. */
  #guard<T>(read: () => T): T {
    try {
      return read();
    } catch (thrown) {
      return this.#fail(messageOf(thrown));
    }
  }

  #fail(text: string): never {
    throw new ScriptError(`${this.#file}:${this.#index + 1}: ${text}`);
  }
}
