import { COUNTER_RESET_HINTS, type NativeHistogram, STALE_NAN_HIGH, STALE_NAN_LOW } from "@monotreme/model";
import { denseHistogram, type RawHistogram } from "./dense-histogram.ts";
import { double, readPacked, readSpan, unsigned, varint, zigzag } from "./protobuf-fields.ts";
import { type ProtobufReader, WIRE } from "./protobuf-reader.ts";

/** A histogram message as it came; `fault` says why it cannot be stored. */
export interface ReadHistogram {
  readonly timestampMs: number;
  /** Of remote write 2.0; 0 = unknown. */
  readonly startTimestampMs: number;
  /** Undefined for a staleness marker and for a broken one. */
  readonly histogram: NativeHistogram | undefined;
  /** The sum has the bits of a staleness marker. */
  readonly isStale: boolean;
  readonly fault: string | undefined;
}

/** prometheus.Histogram, the same in remote write 1.0 and 2.0, which adds the start timestamp. */
const FIELD = {
  countInt: 1,
  countFloat: 2,
  sum: 3,
  schema: 4,
  zeroThreshold: 5,
  zeroCountInt: 6,
  zeroCountFloat: 7,
  negativeSpans: 8,
  negativeDeltas: 9,
  negativeCounts: 10,
  positiveSpans: 11,
  positiveDeltas: 12,
  positiveCounts: 13,
  resetHint: 14,
  timestamp: 15,
  customValues: 16,
  startTimestamp: 17,
} as const;

/** Reads one histogram message whose length comes next; throws BadProtobufError where the bytes are broken. */
export function readHistogram(reader: ProtobufReader): ReadHistogram {
  const outerEnd = reader.end;
  reader.end = reader.lengthDelimitedEnd();
  const message = new HistogramMessage();
  while (reader.at < reader.end) message.readField(reader);
  reader.end = outerEnd;
  return message.finish();
}

class HistogramMessage {
  #timestampMs = 0;
  #startTimestampMs = 0;
  #isStale = false;
  readonly #raw: RawHistogram = {
    isInteger: false,
    counterResetHint: "unknown",
    schema: 0,
    zeroThreshold: 0,
    zeroCount: 0,
    count: 0,
    sum: 0,
    positive: { spans: [], deltas: [], counts: [] },
    negative: { spans: [], deltas: [], counts: [] },
    customBounds: [],
  };

  readField(reader: ProtobufReader): void {
    const raw = this.#raw;
    const tag = reader.tag();
    switch (tag >>> 3) {
      case FIELD.countInt:
        raw.isInteger = true;
        raw.count = unsigned(varint(reader, tag));
        return;
      case FIELD.countFloat:
        raw.isInteger = false;
        raw.count = double(reader, tag);
        return;
      case FIELD.sum: {
        raw.sum = double(reader, tag);
        const [low, high] = reader.wordsBefore();
        this.#isStale = low === STALE_NAN_LOW && high === STALE_NAN_HIGH;
        return;
      }
      case FIELD.schema:
        raw.schema = zigzag(varint(reader, tag));
        return;
      case FIELD.zeroThreshold:
        raw.zeroThreshold = double(reader, tag);
        return;
      case FIELD.zeroCountInt:
        raw.zeroCount = unsigned(varint(reader, tag));
        return;
      case FIELD.zeroCountFloat:
        raw.zeroCount = double(reader, tag);
        return;
      case FIELD.negativeSpans:
        raw.negative.spans.push(readSpan(reader, tag));
        return;
      case FIELD.positiveSpans:
        raw.positive.spans.push(readSpan(reader, tag));
        return;
      case FIELD.negativeDeltas:
        readPacked(reader, tag, WIRE.varint, () => raw.negative.deltas.push(zigzag(reader.int64())));
        return;
      case FIELD.positiveDeltas:
        readPacked(reader, tag, WIRE.varint, () => raw.positive.deltas.push(zigzag(reader.int64())));
        return;
      case FIELD.negativeCounts:
        readPacked(reader, tag, WIRE.fixed64, () => raw.negative.counts.push(reader.double()));
        return;
      case FIELD.positiveCounts:
        readPacked(reader, tag, WIRE.fixed64, () => raw.positive.counts.push(reader.double()));
        return;
      case FIELD.customValues:
        readPacked(reader, tag, WIRE.fixed64, () => raw.customBounds.push(reader.double()));
        return;
      case FIELD.resetHint:
        raw.counterResetHint = COUNTER_RESET_HINTS[varint(reader, tag)] ?? "unknown";
        return;
      case FIELD.timestamp:
        this.#timestampMs = varint(reader, tag);
        return;
      case FIELD.startTimestamp:
        this.#startTimestampMs = varint(reader, tag);
        return;
      default:
        reader.skip(tag);
    }
  }

  finish(): ReadHistogram {
    const times = { timestampMs: this.#timestampMs, startTimestampMs: this.#startTimestampMs };
    if (this.#isStale) return { ...times, histogram: undefined, isStale: true, fault: undefined };
    // Encoders may leave out a count of 0, and deltas belong to integer counts only.
    if (this.#raw.positive.deltas.length + this.#raw.negative.deltas.length > 0) this.#raw.isInteger = true;
    const dense = denseHistogram(this.#raw);
    if (typeof dense === "string") return { ...times, histogram: undefined, isStale: false, fault: dense };
    return { ...times, histogram: dense, isStale: false, fault: undefined };
  }
}
