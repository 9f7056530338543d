import { formatFloat, type Labels } from "@monotreme/model";
import type { QueryResult, QueryValue, SeriesSamples, VectorSample } from "@monotreme/promql";
import { jsonArray } from "./envelope.ts";
import { histogramJson } from "./histogram-json.ts";

/** The `data` of a query's answer (format of Prometheus' HTTP API), in pieces of one series each. */
export function* queryDataJson(value: QueryResult["value"], stats?: object): Generator<string> {
  yield `{"resultType":"${value.type}","result":`;
  yield* resultJson(value);
  yield stats === undefined ? "}" : `,"stats":${JSON.stringify(stats)}}`;
}

function* resultJson(value: QueryValue): Generator<string> {
  switch (value.type) {
    case "scalar":
      yield `[${timestampText(value.timestampMs)},"${formatFloat(value.value)}"]`;
      return;
    case "string":
      yield `[${timestampText(value.timestampMs)},${JSON.stringify(value.value)}]`;
      return;
    case "vector":
      yield* jsonArray(value.samples, vectorSampleJson);
      return;
    case "matrix": {
      const writer = new MatrixWriter();
      yield* jsonArray(value.series, (series) => writer.seriesJson(series));
    }
  }
}

/** Labels as an object, in their own order: JavaScript's objects would move names that look like numbers. */
export function labelsJson(labels: Labels): string {
  let text = "{";
  for (const [name, value] of labels) {
    text += `${text.length > 1 ? "," : ""}${JSON.stringify(name)}:${JSON.stringify(value)}`;
  }
  return `${text}}`;
}

/** Unix seconds with at most three decimals. */
export function timestampText(timestampMs: number): string {
  const wholeMs = Math.round(timestampMs);
  const rest = Math.abs(wholeMs % 1000);
  const seconds = Math.trunc(wholeMs / 1000);
  if (rest === 0) return String(seconds === 0 ? 0 : seconds);
  const sign = wholeMs < 0 && seconds === 0 ? "-" : "";
  return `${sign}${seconds}.${String(rest).padStart(3, "0").replace(/0+$/, "")}`;
}

function vectorSampleJson({ labels, timestampMs, value, histogram }: VectorSample): string {
  const time = timestampText(timestampMs);
  const point =
    histogram === undefined
      ? `"value":[${time},"${formatFloat(value)}"]`
      : `"histogram":[${time},${histogramJson(histogram)}]`;
  return `{"metric":${labelsJson(labels)},${point}}`;
}

/**
 * Writes the series of one matrix. Series of a range query share their timestamps, and neighbouring values are often
 * equal, so texts are kept: measured, that is most of the time of a large answer.
 */
class MatrixWriter {
  /** The text that opens the point at each position, and the timestamp it was made for. */
  readonly #openings: string[] = [];
  readonly #openingTimes: number[] = [];
  #lastValue = Number.NaN;
  #lastText = "NaN";

  seriesJson({ labels, timestamps, values, histograms }: SeriesSamples): string {
    let floats = "";
    let others = "";
    for (let i = 0; i < timestamps.length; i++) {
      const histogram = histograms?.[i];
      const opening = this.#openingAt(i, timestamps[i] ?? 0);
      if (histogram === undefined) floats += `${opening}"${this.#valueText(values[i] ?? 0)}"]`;
      else others += `${opening}${histogramJson(histogram)}]`;
    }
    const parts = [`"metric":${labelsJson(labels)}`];
    if (floats !== "" || others === "") parts.push(`"values":[${floats.slice(1)}]`);
    if (others !== "") parts.push(`"histograms":[${others.slice(1)}]`);
    return `{${parts.join(",")}}`;
  }

  #openingAt(index: number, timestampMs: number): string {
    const known = this.#openings[index];
    if (known !== undefined && this.#openingTimes[index] === timestampMs) return known;
    const opening = `,[${timestampText(timestampMs)},`;
    this.#openings[index] = opening;
    this.#openingTimes[index] = timestampMs;
    return opening;
  }

  #valueText(value: number): string {
    // `Object.is`, because 0 and -0 are written differently.
    if (Object.is(value, this.#lastValue)) return this.#lastText;
    this.#lastValue = value;
    this.#lastText = formatFloat(value);
    return this.#lastText;
  }
}
