import { LabelHash, type LabelHashSeed } from "./label-hash.ts";
import { ProtobufReader, WIRE } from "./protobuf-reader.ts";
import { readExemplar, readExemplarLabel } from "./read-exemplar.ts";
import { readHistogram } from "./read-histogram.ts";
import { readMetadata } from "./read-metadata.ts";
import { BadProtobufError, WriteRequestTooLargeError } from "./remote-write-error.ts";
import { WriteRequestColumns } from "./write-request-columns.ts";

const MAX_SERIES = 1 << 20;
const MAX_SAMPLES = 1 << 22;
const MAX_HISTOGRAMS = 1 << 17;
const MAX_EXEMPLARS = 1 << 17;

/** prometheus.WriteRequest. */
const REQUEST = { timeseries: (1 << 3) | WIRE.bytes, metadata: (3 << 3) | WIRE.bytes } as const;
/** prometheus.TimeSeries. */
const SERIES = {
  labels: (1 << 3) | WIRE.bytes,
  samples: (2 << 3) | WIRE.bytes,
  exemplars: (3 << 3) | WIRE.bytes,
  histograms: (4 << 3) | WIRE.bytes,
} as const;
/** prometheus.Sample. */
const SAMPLE = { value: (1 << 3) | WIRE.fixed64, timestamp: (2 << 3) | WIRE.varint } as const;

/**
 * Reads prometheus.WriteRequest (remote write 1.0) in one pass over its bytes: it hashes the raw label bytes of each
 * series and takes the samples into columns that it uses again, so its result is valid until the next call. All
 * lengths and wire types are checked, those inside of labels by `readLabels`, which the caller runs for a hash that it
 * does not know. Throws RemoteWriteError for bytes that are no such message.
 */
export class WriteRequestDecoder {
  readonly #columns = new WriteRequestColumns();
  readonly #hash = new LabelHash();
  #reader = new ProtobufReader(new Uint8Array(0));
  #view: DataView = new DataView(new ArrayBuffer(0));

  decode(bytes: Uint8Array, seed: LabelHashSeed): WriteRequestColumns {
    const columns = this.#columns;
    columns.reset(bytes);
    const reader = new ProtobufReader(bytes);
    this.#reader = reader;
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    while (reader.at < bytes.length) {
      const tag = reader.tag();
      if (tag === REQUEST.timeseries) {
        this.#readSeries(reader.lengthDelimitedEnd(), seed);
      } else if (tag === REQUEST.metadata) {
        const metadata = readMetadata(reader);
        if (metadata !== undefined) columns.metadata.push(metadata);
      } else {
        if (tag >>> 3 === 1 || tag >>> 3 === 3)
          throw new BadProtobufError("a field of the request has a wrong wire type");
        reader.skip(tag);
      }
    }
    return columns;
  }

  #readSeries(end: number, seed: LabelHashSeed): void {
    const columns = this.#columns;
    const reader = this.#reader;
    const bytes = columns.bytes;
    const samplesBefore = columns.sampleCount;
    const othersBefore = columns.histograms.length + columns.exemplars.length;
    const hash = this.#hash;
    hash.start(seed);
    let at = reader.at;
    let labelStart = -1;
    let labelEnd = -1;
    // Labels stand together in what every known sender writes; a range that was interrupted is hashed piece by piece.
    let runStart = at;
    let runEnd = at;
    reader.end = end;
    while (at < end) {
      const fieldAt = at;
      const tag = bytes[at] as number;
      if (tag === SERIES.labels) {
        let length = bytes[at + 1] as number;
        at += 2;
        if (at > end || length >= 0x80) {
          reader.at = fieldAt + 1;
          length = reader.lengthDelimitedEnd() - reader.at;
          at = reader.at;
        }
        at += length;
        if (at > end) throw new BadProtobufError("a length exceeds its message");
        if (labelStart < 0) {
          labelStart = fieldAt;
          runStart = fieldAt;
        } else if (runEnd !== fieldAt) {
          hash.feed(this.#view, runStart, runEnd);
          runStart = fieldAt;
        }
        runEnd = at;
        labelEnd = at;
        continue;
      }
      if (tag === SERIES.samples) {
        reader.at = at + 1;
        this.#readSample(reader.lengthDelimitedEnd(), end);
        at = reader.at;
        continue;
      }
      reader.at = at;
      this.#readOther(reader);
      at = reader.at;
    }
    reader.at = end;
    reader.end = bytes.length;
    const sampleCount = columns.sampleCount - samplesBefore;
    if (sampleCount + columns.histograms.length + columns.exemplars.length === othersBefore) return;
    if (labelStart < 0) {
      columns.dropUnlabelled(sampleCount);
      return;
    }
    hash.feed(this.#view, runStart, runEnd);
    hash.finish();
    if (columns.seriesCount === MAX_SERIES) throw new WriteRequestTooLargeError(`more than ${MAX_SERIES} series`);
    columns.endSeries(labelStart, labelEnd, hash.low, hash.high);
  }

  #readSample(end: number, seriesEnd: number): void {
    const columns = this.#columns;
    const reader = this.#reader;
    const bytes = columns.bytes;
    const view = this.#view;
    let at = reader.at;
    let low = 0;
    let high = 0;
    let timestampMs = 0;
    reader.end = end;
    while (at < end) {
      const tag = bytes[at] as number;
      if (tag === SAMPLE.value) {
        if (at + 9 > end) throw new BadProtobufError("cut short in a number");
        low = view.getUint32(at + 1, true);
        high = view.getUint32(at + 5, true);
        at += 9;
        continue;
      }
      if (tag === SAMPLE.timestamp && at + 7 <= end) {
        // Timestamps of the years 1971 to 2109 in ms take six bytes: 28 bits in the first four, the rest above.
        const first = view.getUint32(at + 1, true);
        const fifth = bytes[at + 5] as number;
        const sixth = bytes[at + 6] as number;
        if ((first & 0x80808080) === (0x80808080 | 0) && fifth >= 0x80 && sixth < 0x80) {
          const bottom =
            (first & 0x7f) | ((first >>> 1) & 0x3f80) | ((first >>> 2) & 0x1fc000) | ((first >>> 3) & 0xfe00000);
          timestampMs = ((fifth & 0x7f) | (sixth << 7)) * 0x10000000 + bottom;
          at += 7;
          continue;
        }
      }
      reader.at = at;
      const anyTag = reader.tag();
      if (anyTag === SAMPLE.timestamp) timestampMs = reader.int64();
      else if (anyTag >>> 3 === 1 || anyTag >>> 3 === 2) throw new BadProtobufError("a sample has a wrong wire type");
      else reader.skip(anyTag);
      at = reader.at;
    }
    reader.at = end;
    reader.end = seriesEnd;
    if (columns.sampleCount === MAX_SAMPLES) throw new WriteRequestTooLargeError(`more than ${MAX_SAMPLES} samples`);
    columns.addSample(timestampMs, low, high);
  }

  /** Everything but labels and samples in the usual encoding; `reader.at` stands on the tag. */
  #readOther(reader: ProtobufReader): void {
    const tag = reader.tag();
    const field = tag >>> 3;
    if (field >= 1 && field <= 4 && (tag & 7) !== WIRE.bytes)
      throw new BadProtobufError("a series has a wrong wire type");
    // The same tag in more bytes than it needs is legal protobuf, and no encoder writes it.
    if (field === 1 || field === 2) throw new BadProtobufError("a tag is padded");
    const columns = this.#columns;
    if (tag === SERIES.histograms) {
      requireRoom(columns.histograms.length + columns.faults.length, MAX_HISTOGRAMS, "histograms");
      columns.addHistogram(readHistogram(reader));
    } else if (tag === SERIES.exemplars) {
      requireRoom(columns.exemplars.length + columns.faults.length, MAX_EXEMPLARS, "exemplars");
      columns.addExemplar(readExemplar(reader, (inner, pairs) => readExemplarLabel(reader, inner, pairs)));
    } else reader.skip(tag);
  }
}

function requireRoom(count: number, limit: number, what: string): void {
  if (count >= limit) throw new WriteRequestTooLargeError(`more than ${limit} ${what}`);
}
