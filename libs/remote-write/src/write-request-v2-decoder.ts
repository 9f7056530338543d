import { METRIC_NAME, type MetricMetadata } from "@monotreme/model";
import { LabelHash, type LabelHashSeed } from "./label-hash.ts";
import { ProtobufReader, WIRE } from "./protobuf-reader.ts";
import { readExemplar } from "./read-exemplar.ts";
import { readHistogram } from "./read-histogram.ts";
import { type LabelFault, labelsFromTexts } from "./read-labels.ts";
import { METADATA_TYPES } from "./read-metadata.ts";
import { BadProtobufError, WriteRequestTooLargeError } from "./remote-write-error.ts";
import { MAX_UNCOMPRESSED_BYTES } from "./snappy.ts";
import { SymbolTable } from "./symbol-table.ts";
import { WriteRequestColumns } from "./write-request-columns.ts";

const MAX_ENTRIES = 1 << 17;
const MAX_SERIES = 1 << 20;
const MAX_SAMPLES = 1 << 22;
/** A symbol may stand in every series; their labels together are bounded, because each is read. */
const MAX_LABEL_BYTES = 4 * MAX_UNCOMPRESSED_BYTES;

/** io.prometheus.write.v2.Request. */
const REQUEST = { symbols: 4, timeseries: 5 } as const;
/** io.prometheus.write.v2.TimeSeries. */
const SERIES = { labelRefs: 1, samples: 2, histograms: 3, exemplars: 4, metadata: 5 } as const;
/** io.prometheus.write.v2.Sample. */
const SAMPLE = { value: 1, timestamp: 2, startTimestamp: 3 } as const;
/** io.prometheus.write.v2.Metadata. */
const METADATA = { type: 1, help: 3, unit: 4 } as const;

/**
 * Reads io.prometheus.write.v2.Request (remote write 2.0) into the same columns as `WriteRequestDecoder`; the result is
 * valid until the next call. Series that cannot be stored are told in the columns' faults and left out. Throws
 * RemoteWriteError for bytes that are no such message.
 */
export class WriteRequestV2Decoder {
  readonly #columns = new WriteRequestColumns();
  readonly #symbols = new SymbolTable();
  readonly #hash = new LabelHash();
  #reader = new ProtobufReader(new Uint8Array(0));
  #view: DataView = new DataView(new ArrayBuffer(0));
  #labelBytes = 0;
  #metadataSeen = new Set<string>();
  readonly #refs: number[] = [];

  decode(bytes: Uint8Array, seed: LabelHashSeed): WriteRequestColumns {
    const columns = this.#columns;
    columns.reset(bytes);
    columns.labelsOf = (series) =>
      this.#labelsOf(this.#readRefs(columns.labelStart[series] ?? 0, columns.labelEnd[series] ?? 0));
    this.#symbols.reset(bytes);
    this.#metadataSeen = new Set();
    this.#labelBytes = 0;
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    this.#reader = new ProtobufReader(bytes);
    // Symbols first, wherever they stand: fields of protobuf may come in any order.
    this.#eachField(REQUEST.symbols, (start, end) => this.#symbols.add(start, end));
    this.#reader = new ProtobufReader(bytes);
    this.#eachField(REQUEST.timeseries, (_start, end) => this.#readSeries(end, seed));
    return columns;
  }

  /** Calls `onField` for every field of that number; the reader stands at its start, and goes on at its end. */
  #eachField(field: number, onField: (start: number, end: number) => void): void {
    const reader = this.#reader;
    const whole = reader.end;
    while (reader.at < whole) {
      const tag = reader.tag();
      // Reserved, so that a message of version 1.0 is not taken for an empty one.
      if (tag >>> 3 < REQUEST.symbols) throw new BadProtobufError(`field ${tag >>> 3} is not one of version 2.0`);
      if (tag >>> 3 !== field) {
        reader.skip(tag);
        continue;
      }
      requireWire(tag, WIRE.bytes);
      const end = reader.lengthDelimitedEnd();
      reader.end = end;
      onField(reader.at, end);
      reader.at = end;
      reader.end = whole;
    }
  }

  #readSeries(end: number, seed: LabelHashSeed): void {
    const columns = this.#columns;
    const reader = this.#reader;
    const samplesBefore = columns.sampleCount;
    const othersBefore = columns.histograms.length + columns.exemplars.length;
    const valuesBefore = samplesBefore + columns.histograms.length + columns.faults.length;
    let refsAt = reader.at;
    let refsEnd = reader.at;
    let metadataAt = -1;
    while (reader.at < end) {
      const tag = reader.tag();
      switch (tag >>> 3) {
        case SERIES.labelRefs:
          requireWire(tag, WIRE.bytes);
          refsEnd = reader.lengthDelimitedEnd();
          refsAt = reader.at;
          reader.at = refsEnd;
          break;
        case SERIES.samples:
          this.#readSample(tag);
          break;
        case SERIES.histograms:
          requireWire(tag, WIRE.bytes);
          requireRoom(columns.histograms.length + columns.faults.length, "histograms");
          columns.addHistogram(readHistogram(reader));
          break;
        case SERIES.exemplars:
          requireWire(tag, WIRE.bytes);
          requireRoom(columns.exemplars.length + columns.faults.length, "exemplars");
          columns.addExemplar(readExemplar(reader, (inner, pairs) => this.#readExemplarRefs(inner, pairs)));
          break;
        case SERIES.metadata:
          metadataAt = reader.at;
          reader.skip(tag);
          break;
        default:
          reader.skip(tag);
      }
    }
    const sampleCount = columns.sampleCount - samplesBefore;
    const others = columns.histograms.length + columns.exemplars.length - othersBefore;
    const refs = this.#readRefs(refsAt, refsEnd);
    const fault = this.#seriesFault(refs);
    const isEmpty = columns.sampleCount + columns.histograms.length + columns.faults.length === valuesBefore;
    if (fault !== undefined || isEmpty) {
      columns.dropSeries(samplesBefore, fault ?? "a series has neither samples nor histograms");
      return;
    }
    if (metadataAt >= 0) this.#readMetadata(metadataAt, end, refs);
    if (sampleCount + others === 0) return;
    this.#endSeries(refs, refsAt, refsEnd, seed);
  }

  #endSeries(refs: readonly number[], refsAt: number, refsEnd: number, seed: LabelHashSeed): void {
    const columns = this.#columns;
    const hash = this.#hash;
    hash.start(seed);
    let labelBytes = 0;
    for (const ref of refs) {
      const [start, end] = [this.#symbols.startOf(ref), this.#symbols.endOf(ref)];
      hash.feed(this.#view, start, end);
      labelBytes += end - start;
    }
    hash.finish();
    this.#labelBytes += labelBytes;
    if (this.#labelBytes > MAX_LABEL_BYTES) throw new WriteRequestTooLargeError("its labels are too long together");
    if (columns.seriesCount === MAX_SERIES) throw new WriteRequestTooLargeError(`more than ${MAX_SERIES} series`);
    columns.endSeries(refsAt, refsEnd, hash.low, hash.high, labelBytes);
  }

  #seriesFault(refs: readonly number[]): string | undefined {
    if (refs.length === 0) return "a series has no labels";
    if (refs.length % 2 !== 0) return "a series has a label without a value";
    const missing = refs.find((ref) => ref >= this.#symbols.count);
    return missing === undefined ? undefined : `symbol ${missing} is out of range (${this.#symbols.count} symbols)`;
  }

  #readSample(tag: number): void {
    requireWire(tag, WIRE.bytes);
    const columns = this.#columns;
    const reader = this.#reader;
    const outerEnd = reader.end;
    reader.end = reader.lengthDelimitedEnd();
    let low = 0;
    let high = 0;
    let timestampMs = 0;
    let startTimestampMs = 0;
    while (reader.at < reader.end) {
      const inner = reader.tag();
      const field = inner >>> 3;
      if (field === SAMPLE.value) {
        requireWire(inner, WIRE.fixed64);
        reader.double();
        [low, high] = reader.wordsBefore();
      } else if (field === SAMPLE.timestamp || field === SAMPLE.startTimestamp) {
        requireWire(inner, WIRE.varint);
        const value = reader.int64();
        if (field === SAMPLE.timestamp) timestampMs = value;
        else startTimestampMs = value;
      } else reader.skip(inner);
    }
    reader.end = outerEnd;
    if (columns.sampleCount === MAX_SAMPLES) throw new WriteRequestTooLargeError(`more than ${MAX_SAMPLES} samples`);
    columns.addSample(timestampMs, low, high);
    if (startTimestampMs !== 0) {
      columns.starts.push({ series: columns.seriesCount, timestampMs, startTimestampMs });
    }
  }

  #readExemplarRefs(tag: number, pairs: [string, string][]): boolean {
    requireWire(tag, WIRE.bytes);
    const reader = this.#reader;
    const end = reader.lengthDelimitedEnd();
    const refs = this.#readRefs(reader.at, end);
    reader.at = end;
    for (let i = 0; i + 1 < refs.length; i += 2) {
      const name = this.#symbols.text(refs[i] ?? 0);
      const value = this.#symbols.text(refs[i + 1] ?? 0);
      if (name === undefined || value === undefined) return false;
      pairs.push([name, value]);
    }
    return refs.length % 2 === 0;
  }

  #readMetadata(at: number, seriesEnd: number, refs: readonly number[]): void {
    const nameAt = refs.findIndex((ref, i) => i % 2 === 0 && this.#symbols.text(ref) === METRIC_NAME);
    const metricRef = refs[nameAt + 1] ?? 0;
    const reader = new ProtobufReader(this.#columns.bytes, at, seriesEnd);
    reader.end = reader.lengthDelimitedEnd();
    const values = [0, 0, 0, 0, 0];
    while (reader.at < reader.end) {
      const tag = reader.tag();
      if (tag >>> 3 > METADATA.unit || (tag & 7) !== WIRE.varint) reader.skip(tag);
      else values[tag >>> 3] = reader.int64();
    }
    const [type = 0, help = 0, unit = 0] = [values[METADATA.type], values[METADATA.help], values[METADATA.unit]];
    const key = `${metricRef}/${type}/${help}/${unit}`;
    if (nameAt < 0 || (type === 0 && help === 0 && unit === 0) || this.#metadataSeen.has(key)) return;
    this.#metadataSeen.add(key);
    const texts = [metricRef, help, unit].map((ref) => this.#symbols.text(ref));
    const [metric, helpText, unitText] = texts;
    if (metric === undefined || helpText === undefined || unitText === undefined) return;
    const metadata: MetricMetadata = {
      metric,
      type: METADATA_TYPES[type] ?? "unknown",
      help: helpText,
      unit: unitText,
    };
    this.#columns.metadata.push(metadata);
  }

  /** The references of a packed field; the list is used again by the next call. */
  #readRefs(start: number, end: number): readonly number[] {
    // The one reader of the request: a reader of its own for each list costs as much as the list.
    const reader = this.#reader;
    const { at: outerAt, end: outerEnd } = reader;
    reader.at = start;
    reader.end = end;
    const refs = this.#refs;
    refs.length = 0;
    while (reader.at < end) refs.push(reader.uint32());
    reader.at = outerAt;
    reader.end = outerEnd;
    return refs;
  }

  #labelsOf(refs: readonly number[]): ReturnType<typeof labelsFromTexts> {
    const names: string[] = [];
    const values: string[] = [];
    let fault: LabelFault | undefined;
    for (let i = 0; i + 1 < refs.length; i += 2) {
      const name = this.#symbols.text(refs[i] ?? 0);
      const value = this.#symbols.text(refs[i + 1] ?? 0);
      if (name === undefined || value === undefined) fault = "invalid_utf8";
      else if (name === "") fault = "empty_name";
      names.push(name ?? "");
      values.push(value ?? "");
    }
    return fault ?? labelsFromTexts(names, values);
  }
}

function requireWire(tag: number, wire: number): void {
  if ((tag & 7) !== wire) throw new BadProtobufError("a field has a wrong wire type");
}

function requireRoom(count: number, what: string): void {
  if (count >= MAX_ENTRIES) throw new WriteRequestTooLargeError(`more than ${MAX_ENTRIES} ${what}`);
}
