import { unquoteGo } from "../parser/go-quote.ts";
import { parsePoints } from "./parse-points.ts";
import { parseSeriesLine } from "./parse-series-line.ts";
import { ScriptError } from "./script-error.ts";
import type { EvaluationRange, ExpectedSeries, Expectations, TextExpectation } from "./script.ts";
import { parseScriptNumber, parseScriptTimeMs } from "./script-number.ts";

/** Collects the lines below an `eval`. */
export class ExpectationsReader {
  readonly #fails: TextExpectation[] = [];
  readonly #warnings: TextExpectation[] = [];
  readonly #infos: TextExpectation[] = [];
  readonly #series: ExpectedSeries[] = [];
  #ordered = false;
  #noWarnings = false;
  #noInfos = false;
  #string: string | undefined;
  #matrixRange: EvaluationRange | undefined;
  #scalar: number | undefined;

  /** What the old command forms (`eval_fail`, …) say by their name. */
  expectByName(name: string): void {
    if (name === "eval_ordered") this.#ordered = true;
    else if (name === "eval_fail") this.#fails.push(undefined);
    else if (name === "eval_warn") this.#warnings.push(undefined);
    else if (name === "eval_info") this.#infos.push(undefined);
  }

  /** Takes one line. Throws a {@link ScriptError} where it is none of the language. */
  line(text: string): void {
    const old = /^expected_fail_(message|regexp)\s+(.*)$/.exec(text);
    if (old !== null) {
      this.#fails.splice(0, 1, old[1] === "message" ? exact(old[2] ?? "") : pattern(old[2] ?? ""));
      return;
    }
    const expect = /^expect\s+(.*)$/.exec(text);
    if (expect !== null && !/^expect\s*\{/.test(text)) return this.#expect(expect[1] ?? "");
    const scalar = parseScriptNumber(text);
    if (scalar !== undefined) {
      this.#scalar = scalar;
      return;
    }
    return this.#seriesLine(text);
  }

  result(): Expectations {
    return {
      ordered: this.#ordered,
      fails: this.#fails,
      warnings: this.#warnings,
      infos: this.#infos,
      noWarnings: this.#noWarnings,
      noInfos: this.#noInfos,
      string: this.#string,
      matrixRange: this.#matrixRange,
      scalar: this.#scalar,
      series: this.#series,
    };
  }

  #expect(text: string): void {
    const [, word = "", rest = ""] = /^(\S+)\s*(.*)$/.exec(text) ?? [];
    switch (word) {
      case "ordered":
        this.#ordered = true;
        return;
      case "no_warn":
        this.#noWarnings = true;
        return;
      case "no_info":
        this.#noInfos = true;
        return;
      case "fail":
        return take(this.#fails, rest);
      case "warn":
        return take(this.#warnings, rest);
      case "info":
        return take(this.#infos, rest);
      case "string":
        this.#string = unquote(rest);
        return;
      case "range":
        return this.#range(rest);
      default:
        throw new ScriptError(`unknown expectation ${word}`);
    }
  }

  #range(text: string): void {
    const [, from = "", to = "", step = ""] = /^vector from (\S+) to (\S+) step (\S+)$/.exec(text) ?? [];
    const startMs = parseScriptTimeMs(from);
    const endMs = parseScriptTimeMs(to);
    const stepMs = parseScriptTimeMs(step);
    if (startMs === undefined || endMs === undefined || stepMs === undefined)
      throw new ScriptError(`bad range ${text}`);
    this.#matrixRange = { startMs, endMs, stepMs };
  }

  #seriesLine(text: string): void {
    const line = parseSeriesLine(text);
    if (line === undefined) throw new ScriptError(`neither a series nor an expectation: ${text}`);
    const points = parsePoints(line.points);
    this.#series.push({ labels: line.labels, points });
  }
}

function take(into: TextExpectation[], text: string): void {
  if (text === "") into.push(undefined);
  else if (text.startsWith("msg:")) into.push(exact(text.slice("msg:".length)));
  else if (text.startsWith("regex:")) into.push(pattern(text.slice("regex:".length)));
  else throw new ScriptError(`bad expectation ${text}`);
}

function exact(text: string): TextExpectation {
  return { kind: "exact", text: text.trim() };
}

function pattern(text: string): TextExpectation {
  return { kind: "pattern", pattern: text.trim() };
}

function unquote(literal: string): string {
  const value = /^(["'`]).*\1$/.test(literal) ? unquoteGo(literal) : undefined;
  if (value === undefined) throw new ScriptError(`bad string ${literal}`);
  return value;
}
