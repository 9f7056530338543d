import {
  BadProtobufError,
  double,
  eachField,
  type ProtobufReader,
  type RawHistogram,
  readPacked,
  readSpan,
  unsigned,
  varint,
  WIRE,
  zigzag,
} from "@monotreme/remote-write";

/** An exemplar as it was sent. */
export interface ReadExemplar {
  /** Names and values in turn. */
  readonly pairs: string[];
  value: number;
  /** Epoch milliseconds; NaN where it has none. */
  timestampMs: number;
}

export interface ReadBucket {
  count: number;
  upperBound: number;
  exemplar: ReadExemplar | undefined;
}

/** One `io.prometheus.client.Metric`; which fields count, the type of its family says. */
export interface ReadMetric {
  /** Names and values of its labels in turn. */
  readonly pairs: string[];
  timestampMs: number;
  /** When its counting began, epoch milliseconds; NaN where nobody says. */
  startMs: number;
  value: number;
  count: number;
  sum: number;
  readonly quantiles: { quantile: number; value: number }[];
  readonly buckets: ReadBucket[];
  /** Of a counter. */
  exemplar: ReadExemplar | undefined;
  readonly native: RawHistogram;
  readonly nativeExemplars: ReadExemplar[];
}

/** One `io.prometheus.client.MetricFamily`; its metrics are read one by one with {@link readMetric}. */
export interface ReadFamily {
  name: string;
  help: string;
  type: number;
  unit: string;
  /** Where each metric's length stands. */
  readonly metrics: number[];
}

/** The enum `io.prometheus.client.MetricType`. */
export const FAMILY_TYPE = { counter: 0, gauge: 1, summary: 2, untyped: 3, histogram: 4, gaugeHistogram: 5 } as const;

/** Reads the family whose length comes next, but for its metrics. Faults are `BadProtobufError`s. */
export function readFamily(reader: ProtobufReader): ReadFamily {
  const family: ReadFamily = { name: "", help: "", type: FAMILY_TYPE.counter, unit: "", metrics: [] };
  eachField(reader, (tag) => {
    const field = tag >>> 3;
    if (field === 1) family.name = text(reader, tag);
    else if (field === 2) family.help = text(reader, tag);
    else if (field === 3) family.type = varint(reader, tag);
    else if (field === 5) family.unit = text(reader, tag);
    else {
      if (field === 4) {
        requireBytes(tag);
        family.metrics.push(reader.at);
      }
      reader.skip(tag);
    }
  });
  return family;
}

/** Reads the metric whose length comes next. */
export function readMetric(reader: ProtobufReader): ReadMetric {
  const metric = emptyMetric();
  eachField(reader, (tag) => {
    const field = tag >>> 3;
    if (field > 0 && field < 8 && field !== 6) requireBytes(tag);
    switch (field) {
      case 1:
        readPair(reader, metric.pairs);
        return;
      case 2:
      case 5:
        readSimple(reader, metric);
        return;
      case 3:
        readCounter(reader, metric);
        return;
      case 4:
        readSummary(reader, metric);
        return;
      case 6:
        metric.timestampMs = varint(reader, tag);
        return;
      case 7:
        readHistogram(reader, metric);
        return;
      default:
        reader.skip(tag);
    }
  });
  return metric;
}

function emptyMetric(): ReadMetric {
  return {
    pairs: [],
    timestampMs: 0,
    startMs: Number.NaN,
    value: 0,
    count: 0,
    sum: 0,
    quantiles: [],
    buckets: [],
    exemplar: undefined,
    native: {
      isInteger: true,
      counterResetHint: "unknown",
      schema: 0,
      zeroThreshold: 0,
      zeroCount: 0,
      count: 0,
      sum: 0,
      positive: { spans: [], deltas: [], counts: [] },
      negative: { spans: [], deltas: [], counts: [] },
      customBounds: [],
    },
    nativeExemplars: [],
  };
}

function readSimple(reader: ProtobufReader, metric: ReadMetric): void {
  eachField(reader, (tag) => {
    if (tag >>> 3 === 1) metric.value = double(reader, tag);
    else reader.skip(tag);
  });
}

function readCounter(reader: ProtobufReader, metric: ReadMetric): void {
  eachField(reader, (tag) => {
    if (tag >>> 3 === 1) metric.value = double(reader, tag);
    else if (tag >>> 3 === 2) metric.exemplar = readExemplar(reader, tag);
    else if (tag >>> 3 === 3) metric.startMs = readInstant(reader, tag);
    else reader.skip(tag);
  });
}

function readSummary(reader: ProtobufReader, metric: ReadMetric): void {
  eachField(reader, (tag) => {
    const field = tag >>> 3;
    if (field === 1) metric.count = unsigned(varint(reader, tag));
    else if (field === 2) metric.sum = double(reader, tag);
    else if (field === 4) metric.startMs = readInstant(reader, tag);
    else if (field === 3) {
      requireBytes(tag);
      const one = { quantile: 0, value: 0 };
      eachField(reader, (inner) => {
        if (inner >>> 3 === 1) one.quantile = double(reader, inner);
        else if (inner >>> 3 === 2) one.value = double(reader, inner);
        else reader.skip(inner);
      });
      metric.quantiles.push(one);
    } else reader.skip(tag);
  });
}

/** Classic buckets and the native histogram; of both kinds of counts the floats win where they are above zero. */
function readHistogram(reader: ProtobufReader, metric: ReadMetric): void {
  const { native } = metric;
  let zeroCountFloat = 0;
  let countFloat = 0;
  eachField(reader, (tag) => {
    switch (tag >>> 3) {
      case 1:
        metric.count = unsigned(varint(reader, tag));
        return;
      case 2:
        metric.sum = double(reader, tag);
        return;
      case 3:
        metric.buckets.push(readBucket(reader, tag));
        return;
      case 4:
        countFloat = double(reader, tag);
        return;
      case 7:
        native.zeroCount = unsigned(varint(reader, tag));
        return;
      case 8:
        zeroCountFloat = double(reader, tag);
        return;
      case 15:
        metric.startMs = readInstant(reader, tag);
        return;
      case 16:
        metric.nativeExemplars.push(readExemplar(reader, tag));
        return;
      default:
        readNative(reader, tag, native);
    }
  });
  if (countFloat > 0) metric.count = countFloat;
  native.isInteger = !(countFloat > 0 || zeroCountFloat > 0);
  if (!native.isInteger) native.zeroCount = zeroCountFloat;
  native.count = metric.count;
  native.sum = metric.sum;
}

function readNative(reader: ProtobufReader, tag: number, native: RawHistogram): void {
  const { positive, negative } = native;
  switch (tag >>> 3) {
    case 5:
      native.schema = zigzag(varint(reader, tag));
      return;
    case 6:
      native.zeroThreshold = double(reader, tag);
      return;
    case 9:
      negative.spans.push(readSpan(reader, tag));
      return;
    case 10:
      readPacked(reader, tag, WIRE.varint, () => negative.deltas.push(zigzag(reader.int64())));
      return;
    case 11:
      readPacked(reader, tag, WIRE.fixed64, () => negative.counts.push(reader.double()));
      return;
    case 12:
      positive.spans.push(readSpan(reader, tag));
      return;
    case 13:
      readPacked(reader, tag, WIRE.varint, () => positive.deltas.push(zigzag(reader.int64())));
      return;
    case 14:
      readPacked(reader, tag, WIRE.fixed64, () => positive.counts.push(reader.double()));
      return;
    default:
      reader.skip(tag);
  }
}

function readBucket(reader: ProtobufReader, tag: number): ReadBucket {
  requireBytes(tag);
  const bucket: ReadBucket = { count: 0, upperBound: 0, exemplar: undefined };
  let countFloat = 0;
  eachField(reader, (inner) => {
    const field = inner >>> 3;
    if (field === 1) bucket.count = unsigned(varint(reader, inner));
    else if (field === 2) bucket.upperBound = double(reader, inner);
    else if (field === 3) bucket.exemplar = readExemplar(reader, inner);
    else if (field === 4) countFloat = double(reader, inner);
    else reader.skip(inner);
  });
  if (countFloat > 0) bucket.count = countFloat;
  return bucket;
}

function readExemplar(reader: ProtobufReader, tag: number): ReadExemplar {
  requireBytes(tag);
  const exemplar: ReadExemplar = { pairs: [], value: 0, timestampMs: Number.NaN };
  eachField(reader, (inner) => {
    const field = inner >>> 3;
    if (field === 1) {
      requireBytes(inner);
      readPair(reader, exemplar.pairs);
    } else if (field === 2) exemplar.value = double(reader, inner);
    else if (field === 3) exemplar.timestampMs = readInstant(reader, inner);
    else reader.skip(inner);
  });
  return exemplar;
}

/** A `google.protobuf.Timestamp` in whole ms. */
function readInstant(reader: ProtobufReader, tag: number): number {
  requireBytes(tag);
  let seconds = 0;
  let nanos = 0;
  eachField(reader, (inner) => {
    if (inner >>> 3 === 1) seconds = varint(reader, inner);
    else if (inner >>> 3 === 2) nanos = varint(reader, inner);
    else reader.skip(inner);
  });
  return seconds * 1000 + Math.floor(nanos / 1e6);
}

function readPair(reader: ProtobufReader, pairs: string[]): void {
  let name = "";
  let value = "";
  eachField(reader, (tag) => {
    if (tag >>> 3 === 1) name = text(reader, tag);
    else if (tag >>> 3 === 2) value = text(reader, tag);
    else reader.skip(tag);
  });
  pairs.push(name, value);
}

function text(reader: ProtobufReader, tag: number): string {
  requireBytes(tag);
  const read = reader.text();
  if (read === undefined) throw new BadProtobufError("a text is not UTF-8");
  return read;
}

function requireBytes(tag: number): void {
  if ((tag & 7) !== WIRE.bytes) throw new BadProtobufError("a field has a wrong wire type");
}
