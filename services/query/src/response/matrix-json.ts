import type { SeriesSamples } from "@monotreme/promql";
import { histogramJson } from "./histogram-json.ts";
import { JsonBytes } from "./json-bytes.ts";
import { labelsJson } from "./labels-json.ts";
import { timestampText } from "./timestamp-text.ts";

/** So many bytes are given on at once, and a series more. */
const CHUNK_BYTES = 128 * 1024;

const OPEN = Buffer.from("[");
const CLOSE = Buffer.from("]");
const COMMA = Buffer.from(",");

/** The series of a matrix as a JSON array, in chunks of some 128 kB. */
export function* matrixJson(series: Iterable<SeriesSamples>): Generator<Uint8Array> {
  const writer = new MatrixWriter();
  writer.bytes.raw(OPEN);
  let isFirst = true;
  for (const one of series) {
    if (!isFirst) writer.bytes.raw(COMMA);
    isFirst = false;
    writer.writeSeries(one);
    if (writer.bytes.length >= CHUNK_BYTES) yield writer.bytes.take();
  }
  writer.bytes.raw(CLOSE);
  yield writer.bytes.take();
}

/** Series of a range query share their timestamps, so the text that opens a point is made once for each position. */
class MatrixWriter {
  readonly bytes = new JsonBytes(2 * CHUNK_BYTES);
  readonly #openings: Uint8Array[] = [];
  readonly #openingTimes: number[] = [];

  writeSeries(series: SeriesSamples): void {
    const { bytes } = this;
    const { histograms } = series;
    const histogramCount = histograms?.reduce((count, one) => (one === undefined ? count : count + 1), 0) ?? 0;
    bytes.text(`{"metric":${labelsJson(series.labels)}`);
    if (histogramCount < series.timestamps.length || histogramCount === 0) {
      bytes.text(',"values":[');
      this.#writePoints(
        series,
        (i) => histograms?.[i] === undefined,
        (i) => bytes.quotedFloat(series.values[i] ?? 0),
      );
    }
    if (histogramCount > 0) {
      bytes.text(',"histograms":[');
      this.#writePoints(
        series,
        (i) => histograms?.[i] !== undefined,
        (i) => {
          const histogram = histograms?.[i];
          if (histogram !== undefined) bytes.text(histogramJson(histogram));
        },
      );
    }
    bytes.text("}");
  }

  #writePoints(
    { timestamps }: SeriesSamples,
    isWanted: (index: number) => boolean,
    writeValue: (index: number) => void,
  ): void {
    const { bytes } = this;
    let isFirst = true;
    for (let i = 0; i < timestamps.length; i++) {
      if (!isWanted(i)) continue;
      if (!isFirst) bytes.raw(COMMA);
      isFirst = false;
      bytes.raw(this.#openingAt(i, timestamps[i] ?? 0));
      writeValue(i);
      bytes.raw(CLOSE);
    }
    bytes.raw(CLOSE);
  }

  #openingAt(index: number, timestampMs: number): Uint8Array {
    const known = this.#openings[index];
    if (known !== undefined && this.#openingTimes[index] === timestampMs) return known;
    const opening = Buffer.from(`[${timestampText(timestampMs)},`);
    this.#openings[index] = opening;
    this.#openingTimes[index] = timestampMs;
    return opening;
  }
}
