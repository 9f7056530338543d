import type { NativeHistogram } from "../value.ts";
import {
  addHistograms,
  isCombinable,
  isResetBetween,
  scaleHistogram,
  subtractHistograms,
} from "./histogram-arithmetic.ts";
import { compacted } from "./histogram-layout.ts";
import {
  changeOver,
  type HistogramWindow,
  informReconciled,
  isGauge,
  warnMixedSchemas,
  warnNot,
} from "./histogram-range.ts";

interface ChangeKind {
  readonly isCounter: boolean;
  readonly isRate: boolean;
}

const KINDS: ReadonlyMap<string, ChangeKind> = new Map([
  ["rate", { isCounter: true, isRate: true }],
  ["increase", { isCounter: true, isRate: false }],
  ["delta", { isCounter: false, isRate: false }],
]);

/**
 * rate, increase or delta of an `anchored` window: from its first histogram, the anchor where there is one, to its
 * last, without extrapolation.
 */
export function anchoredHistogram(name: string, window: HistogramWindow): NativeHistogram | undefined {
  const { histograms } = window;
  const [first] = histograms;
  const kind = KINDS.get(name);
  if (kind === undefined || first === undefined) return undefined;
  const change = histograms.length === 1 ? unchanged(first, kind, window) : changeOver(window, kind.isCounter, false);
  return change && perWindow(change, kind, window);
}

function unchanged(histogram: NativeHistogram, { isCounter }: ChangeKind, window: HistogramWindow): NativeHistogram {
  if (isCounter === isGauge(histogram)) warnNot(isCounter ? "counter" : "gauge", window);
  return subtractHistograms(histogram, histogram).histogram;
}

/**
 * rate, increase or delta of a `smoothed` window: between the histograms that are estimated at its borders. The window's
 * first histogram may stand at or before its start and the last one after its end.
 */
export function smoothedHistogram(name: string, window: HistogramWindow): NativeHistogram | undefined {
  const { histograms, timestamps, endMs, rangeMs } = window;
  const kind = KINDS.get(name);
  if (kind === undefined || histograms.length === 0) return undefined;
  const first = timestamps[0]! <= endMs - rangeMs ? 1 : 0;
  const after = timestamps[histograms.length - 1]! > endMs ? histograms.length - 1 : histograms.length;
  // Samples on one side alone say nothing of the window.
  if (first === after && histograms.length < 2) return undefined;
  warnOfKind(kind, window);
  if (!isCombinable(histograms)) return warnMixedSchemas(window);
  const left = first === 1 ? borderOf(window, 0, endMs - rangeMs, kind) : histograms[0]!;
  const looksAhead = after < histograms.length;
  const right = looksAhead ? borderOf(window, after - 1, endMs, kind) : histograms[after - 1]!;
  const difference = subtractHistograms(right, left);
  if (difference.isReconciled) informReconciled(window, "subtraction");
  if (!kind.isCounter) return perWindow(difference.histogram, kind, window);
  // The borders have taken the resets next to them into account, but for what was reached before the last one.
  const to = looksAhead && after > first ? after : after - 1;
  return perWindow(withResets(window, difference.histogram, first + 1, to), kind, window);
}

function warnOfKind({ isCounter }: ChangeKind, window: HistogramWindow): void {
  const { histograms } = window;
  if (isCounter && histograms.some(isGauge)) warnNot("counter", window);
  if (!isCounter && !(isGauge(histograms[0]!) && isGauge(histograms.at(-1)!))) warnNot("gauge", window);
}

function borderOf(window: HistogramWindow, before: number, atMs: number, { isCounter }: ChangeKind): NativeHistogram {
  const { histograms, timestamps } = window;
  const share = (atMs - timestamps[before]!) / (timestamps[before + 1]! - timestamps[before]!);
  return histogramBetween(histograms[before]!, histograms[before + 1]!, share, isCounter);
}

function withResets(window: HistogramWindow, difference: NativeHistogram, from: number, to: number): NativeHistogram {
  let change = difference;
  for (let i = from; i <= to; i++) {
    const previous = window.histograms[i - 1]!;
    if (!isResetBetween(previous, window.histograms[i]!)) continue;
    const added = addHistograms(change, previous);
    if (added.isReconciled) informReconciled(window, "addition");
    change = added.histogram;
  }
  return change;
}

function perWindow(change: NativeHistogram, { isRate }: ChangeKind, { rangeMs }: HistogramWindow): NativeHistogram {
  const gauge: NativeHistogram = { ...change, counterResetHint: "gauge" };
  return compacted(isRate ? scaleHistogram(gauge, 1000 / rangeMs) : gauge);
}

/**
 * The histogram at a share of the way between two that can be combined; a counter that was reset has started from zero
 * at the first of them.
 */
export function histogramBetween(
  left: NativeHistogram,
  right: NativeHistogram,
  share: number,
  isCounter: boolean,
): NativeHistogram {
  if (isCounter && isResetBetween(left, right)) return scaleHistogram(right, share);
  const risen = scaleHistogram(subtractHistograms(right, left).histogram, share);
  return { ...addHistograms(left, risen).histogram, counterResetHint: isCounter ? "unknown" : "gauge" };
}
