import { addHistograms } from "./add-histograms.ts";
import { type HistogramLiteral, parseHistogramLiteral } from "./histogram-literal.ts";
import type { ScriptPoint } from "./script.ts";
import { ScriptError } from "./script-error.ts";
import { parseScriptNumber, parseScriptTimeMs } from "./script-number.ts";

/** A script that repeats more often than this is refused. */
const MAX_REPEATS = 1_000_000;
const REPEATED = /^(.+?)x(\d+)$/;
/** `a+b` or `a-b`, where a may have an exponent. */
const STEPPED = /^([+-]?[^+-]+?(?:[eE][+-]?\d+)?)([+-].+)$/;
const HISTOGRAM_ITEM = /^\{\{(.*?)\}\}(?:([+-])\{\{(.*?)\}\})?(?:x(\d+))?$/;

/** Reads the points of a series line. Throws a {@link ScriptError}. */
export function parsePoints(text: string): ScriptPoint[] {
  const points: ScriptPoint[] = [];
  for (const item of splitItems(text)) {
    const parsed = item.startsWith("{{") ? parseHistogramItem(item) : parseItem(item, parseScriptNumber);
    for (const point of parsed) points.push(point);
  }
  return points;
}

/** Reads the start timestamps of an `@st` line, in ms relative to each sample. Throws a {@link ScriptError}. */
export function parseStartOffsets(text: string): (number | undefined)[] {
  const offsets: (number | undefined)[] = [];
  for (const item of splitItems(text)) {
    const parsed = parseItem(item, parseScriptTimeMs);
    for (const point of parsed) offsets.push(point.kind === "float" ? point.value : undefined);
  }
  return offsets;
}

/** Items are parted by spaces, but not by those inside histograms. */
function splitItems(text: string): string[] {
  return text.match(/(?:\{\{.*?\}\}|\S)+/g) ?? [];
}

function parseItem(item: string, parseNumber: (text: string) => number | undefined): ScriptPoint[] {
  const [, body = item, count] = repeatOf(item);
  if (count > MAX_REPEATS) throw new ScriptError(`more than ${MAX_REPEATS} repeats in ${item}`);
  const isRepeated = body !== item;
  if (body === "_") return Array.from({ length: isRepeated ? count : 1 }, () => ({ kind: "none" }));
  if (body === "stale") return Array.from({ length: count + 1 }, () => ({ kind: "stale" }));
  const stepped = isRepeated && parseNumber(body) === undefined ? STEPPED.exec(body) : null;
  const start = parseNumber(stepped?.[1] ?? body);
  const step = stepped?.[2] === undefined ? 0 : parseNumber(stepped[2]);
  if (start === undefined || step === undefined) throw new ScriptError(`bad point ${item}`);
  const points: ScriptPoint[] = [];
  let value = start;
  for (let i = 0; i <= count; i++, value += step) points.push({ kind: "float", value });
  return points;
}

/** `0x10` is zero eleven times, never a hexadecimal number. */
function repeatOf(item: string): [whole: string, body: string | undefined, count: number] {
  const match = REPEATED.exec(item);
  return match === null ? [item, undefined, 0] : [item, match[1], Number(match[2])];
}

function parseHistogramItem(item: string): ScriptPoint[] {
  const match = HISTOGRAM_ITEM.exec(item);
  if (match === null) throw new ScriptError(`bad histogram ${item}`);
  const [, first = "", sign, second, count = "0"] = match;
  if (Number(count) > MAX_REPEATS) throw new ScriptError(`more than ${MAX_REPEATS} repeats in ${item}`);
  const start = parseHistogramLiteral(first);
  const step = second === undefined ? undefined : parseHistogramLiteral(second);
  return repeatHistogram(start, step, sign === "-" ? -1 : 1, Number(count));
}

function repeatHistogram(
  start: HistogramLiteral,
  step: HistogramLiteral | undefined,
  sign: 1 | -1,
  count: number,
): ScriptPoint[] {
  const points: ScriptPoint[] = [];
  let histogram = start.histogram;
  for (let i = 0; i <= count; i++) {
    points.push({ kind: "histogram", histogram, hasHint: start.hasHint });
    if (step !== undefined && i < count) histogram = addHistograms(histogram, step.histogram, sign);
  }
  return points;
}
