import { Labels } from "@monotreme/model";
import { ByteReader, type ByteWriter } from "./byte-writer.ts";
import type { SampleBatch } from "./sample-batch.ts";
import { SampleBatchError } from "./sample-batch-error.ts";

const TWO_TO_32 = 0x1_0000_0000;
const MAX_LABELS = 256;

/** An exemplar of a series, with labels of its own. */
export interface BatchExemplar {
  readonly metricIdLow: number;
  readonly metricIdHigh: number;
  readonly seriesIdLow: number;
  readonly seriesIdHigh: number;
  /** Whole epoch ms. */
  readonly timestampMs: number;
  readonly value: number;
  readonly labels: Labels;
}

/** Appends one exemplar: two ids, timestamp and value as words, label count, names and values in turn. */
export function writeExemplar(writer: ByteWriter, exemplar: BatchExemplar): void {
  writer.word(exemplar.metricIdLow);
  writer.word(exemplar.metricIdHigh);
  writer.word(exemplar.seriesIdLow);
  writer.word(exemplar.seriesIdHigh);
  const high = Math.floor(exemplar.timestampMs / TWO_TO_32);
  writer.word(exemplar.timestampMs - high * TWO_TO_32);
  writer.word(high);
  const [valueLow = 0, valueHigh = 0] = new Uint32Array(Float64Array.of(exemplar.value).buffer);
  writer.word(valueLow);
  writer.word(valueHigh);
  writer.word(exemplar.labels.size);
  for (const [name, value] of exemplar.labels) {
    writer.text(name);
    writer.text(value);
  }
}

/** Reads all exemplars of a batch; throws SampleBatchError where they are broken. */
export function* decodeExemplars(batch: SampleBatch): IterableIterator<BatchExemplar> {
  const reader = new ByteReader(batch.exemplars, () => {
    throw new SampleBatchError("cut short in its exemplars");
  });
  for (let i = 0; i < batch.exemplarCount; i++) {
    const ids = [reader.word(), reader.word(), reader.word(), reader.word()] as const;
    const timestampLow = reader.word();
    const timestampMs = (reader.word() | 0) * TWO_TO_32 + timestampLow;
    const value = new Float64Array(Uint32Array.of(reader.word(), reader.word()).buffer)[0] ?? 0;
    const labelCount = reader.word();
    if (labelCount > MAX_LABELS) throw new SampleBatchError("an exemplar has too many labels");
    const pairs: string[] = [];
    for (let label = 0; label < labelCount * 2; label++) pairs.push(reader.text());
    yield {
      metricIdLow: ids[0],
      metricIdHigh: ids[1],
      seriesIdLow: ids[2],
      seriesIdHigh: ids[3],
      timestampMs,
      value,
      labels: Labels.fromSortedPairs(pairs),
    };
  }
}
