import type { Labels } from "@monotreme/model";
import { ProtobufWriter } from "./protobuf-writer.ts";
import { type ReadHistogram, writeReadHistogram } from "./remote-read-histogram.ts";
import { encodeXorChunk, MAX_CHUNK_SAMPLES } from "./xor-chunk.ts";

/** One series of an answer: samples in time order, timestamps in whole epoch ms, the bits of NaNs kept. */
export interface ReadSeries {
  readonly labels: Labels;
  readonly timestamps: Float64Array;
  readonly values: Float64Array;
  /** Where an entry is defined, the sample is that histogram and its value means nothing. */
  readonly histograms?: readonly (ReadHistogram | undefined)[];
}

/** `prometheus.Chunk.Encoding`. */
const XOR_ENCODING = 1;
/** What a chunk costs in its message beside its data. */
const CHUNK_OVERHEAD_BYTES = 32;

/** A whole `prometheus.ReadResponse`: for each query its series, sorted as given. */
export function encodeReadResponse(results: readonly (readonly ReadSeries[])[]): Uint8Array {
  const writer = new ProtobufWriter();
  for (const result of results) {
    writer.message(1, () => {
      for (const series of result) writer.message(1, () => writeSeries(writer, series));
    });
  }
  return writer.toBytes();
}

function writeSeries(writer: ProtobufWriter, { labels, timestamps, values, histograms }: ReadSeries): void {
  writeLabels(writer, labels);
  const words = new Uint32Array(values.buffer, values.byteOffset, values.length * 2);
  for (const [i, timestamp] of timestamps.entries()) {
    const histogram = histograms?.[i];
    if (histogram !== undefined) {
      writer.message(4, () => writeReadHistogram(writer, histogram, timestamp));
      continue;
    }
    writer.message(2, () => {
      writer.fixed64(1, words[i * 2] ?? 0, words[i * 2 + 1] ?? 0);
      writer.int64(2, timestamp);
    });
  }
}

/**
 * The messages (`prometheus.ChunkedReadResponse`) of one series of a streamed answer: as many chunks in each as fit
 * `maxBytes`, at least one. For series without histograms, which XOR chunks cannot hold.
 */
export function* encodeChunkedSeries(
  { labels, timestamps, values }: ReadSeries,
  queryIndex: number,
  maxBytes: number,
): Generator<Uint8Array> {
  const { length } = timestamps;
  for (let next = 0; next < length; ) {
    const writer = new ProtobufWriter();
    writer.message(1, () => {
      writeLabels(writer, labels);
      let room = maxBytes - labels.length * 3;
      do {
        const until = Math.min(next + MAX_CHUNK_SAMPLES, length);
        const data = encodeXorChunk(timestamps, values, next, until);
        const [minTime = 0, maxTime = 0] = [timestamps[next], timestamps[until - 1]];
        writer.message(2, () => {
          writer.int64(1, minTime);
          writer.int64(2, maxTime);
          writer.int64(3, XOR_ENCODING);
          writer.bytes(4, data);
        });
        room -= data.length + CHUNK_OVERHEAD_BYTES;
        next = until;
      } while (next < length && room > MAX_CHUNK_SAMPLES * 17);
    });
    writer.int64(2, queryIndex);
    yield writer.toBytes();
  }
}

function writeLabels(writer: ProtobufWriter, labels: Labels): void {
  for (const [name, value] of labels) {
    writer.message(1, () => {
      writer.text(1, name);
      writer.text(2, value);
    });
  }
}
