import type { Labels } from "@monotreme/model";
import { decodeHistogramColumns, type HistogramColumns } from "./histogram-section.ts";
import { SampleBatchError } from "./sample-batch-error.ts";
import { decodeStartColumns, type StartColumns } from "./start-section.ts";

/**
 * The wire form of a sample batch (all little endian, every section starts at a multiple of 8):
 *
 *   u32 magic "MTSB" · u16 version · u16 section count · f64 smallest timestamp · f64 largest timestamp
 *   u32 tenant byte length · u32 reserved
 *   per section: u32 kind · u32 entry count · u32 offset · u32 byte length
 *   tenant as UTF-8, then the sections
 *
 * A reader skips section kinds that it does not know, so that new kinds need no new version.
 */
const MAGIC = 0x4253544d;
const VERSION = 1;
const HEADER_BYTES = 32;
const SECTION_ENTRY_BYTES = 16;

const SECTION = {
  metricIds: 1,
  seriesIds: 2,
  timestamps: 3,
  values: 4,
  announcements: 5,
  metadata: 6,
  histograms: 7,
  exemplars: 8,
  starts: 9,
} as const;

/**
 * The samples of one tenant as columns of 64-bit entries, each `sampleCount` long and given as pairs of 32-bit words
 * (low word first): ids as in `SeriesHasher`, timestamps as signed epoch ms, values as the bits of a float64.
 */
export interface SampleBatch {
  readonly tenant: string;
  readonly sampleCount: number;
  readonly minTimestampMs: number;
  readonly maxTimestampMs: number;
  readonly metricIds: Uint32Array;
  readonly seriesIds: Uint32Array;
  readonly timestamps: Uint32Array;
  readonly values: Uint32Array;
  /** Encoded, because most readers know most series already; see {@link decodeAnnouncements}. */
  readonly announcements: Uint8Array;
  readonly announcementCount: number;
  /** Encoded; see {@link decodeMetadata}. */
  readonly metadata: Uint8Array;
  readonly metadataCount: number;
  /** Undefined where the batch has none. */
  readonly histograms: HistogramColumns | undefined;
  /** Undefined where the batch has none. */
  readonly starts: StartColumns | undefined;
  /** Encoded; see {@link decodeExemplars}. */
  readonly exemplars: Uint8Array;
  readonly exemplarCount: number;
}

/** The labels of a series on the days in which it has samples, so that each day's index is complete by itself. */
export interface SeriesAnnouncement {
  readonly metricIdLow: number;
  readonly metricIdHigh: number;
  readonly seriesIdLow: number;
  readonly seriesIdHigh: number;
  /** Days since 1970-01-01 UTC. */
  readonly day: number;
  readonly labels: Labels;
}

/** A section as its writer laid it out. */
export interface EncodedSection {
  readonly count: number;
  readonly bytes: Uint8Array;
}

export interface SampleBatchParts extends Omit<SampleBatch, "sampleCount" | "histograms" | "starts"> {
  readonly histograms?: EncodedSection;
  readonly starts?: EncodedSection;
}

/** Lays the parts out as one message; the columns' lengths must agree. */
export function encodeSampleBatch(parts: SampleBatchParts): Uint8Array {
  const sections: [kind: number, count: number, bytes: Uint8Array][] = [];
  const sampleCount = parts.metricIds.length / 2;
  for (const name of ["metricIds", "seriesIds", "timestamps", "values"] as const) {
    const column = parts[name];
    if (column.length !== sampleCount * 2) throw new SampleBatchError(`column ${name} has a length of its own`);
    sections.push([SECTION[name], sampleCount, bytesOf(column)]);
  }
  if (parts.announcementCount > 0) sections.push([SECTION.announcements, parts.announcementCount, parts.announcements]);
  if (parts.metadataCount > 0) sections.push([SECTION.metadata, parts.metadataCount, parts.metadata]);
  if (parts.exemplarCount > 0) sections.push([SECTION.exemplars, parts.exemplarCount, parts.exemplars]);
  for (const name of ["histograms", "starts"] as const) {
    const section = parts[name];
    if (section !== undefined && section.count > 0) sections.push([SECTION[name], section.count, section.bytes]);
  }

  const tenant = Buffer.from(parts.tenant);
  let offset = align8(HEADER_BYTES + sections.length * SECTION_ENTRY_BYTES + tenant.length);
  const total = sections.reduce((sum, [, , bytes]) => sum + align8(bytes.length), offset);
  // allocUnsafe: every byte that a reader looks at is written below; the gaps of alignment are not read.
  const message = Buffer.allocUnsafeSlow(total);
  message.writeUInt32LE(MAGIC, 0);
  message.writeUInt16LE(VERSION, 4);
  message.writeUInt16LE(sections.length, 6);
  message.writeDoubleLE(parts.minTimestampMs, 8);
  message.writeDoubleLE(parts.maxTimestampMs, 16);
  message.writeUInt32LE(tenant.length, 24);
  message.writeUInt32LE(0, 28);
  let entryAt = HEADER_BYTES;
  tenant.copy(message, HEADER_BYTES + sections.length * SECTION_ENTRY_BYTES);
  for (const [kind, count, bytes] of sections) {
    message.writeUInt32LE(kind, entryAt);
    message.writeUInt32LE(count, entryAt + 4);
    message.writeUInt32LE(offset, entryAt + 8);
    message.writeUInt32LE(bytes.length, entryAt + 12);
    message.set(bytes, offset);
    entryAt += SECTION_ENTRY_BYTES;
    offset += align8(bytes.length);
  }
  return message;
}

/** Reads a message without copying its columns (it copies once where the message is not aligned in memory). */
export function decodeSampleBatch(message: Uint8Array): SampleBatch {
  // A copy by the constructor starts an aligned buffer of its own; Buffer's own slice would not copy.
  const aligned = message.byteOffset % 8 === 0 ? message : new Uint8Array(message);
  const view = new DataView(aligned.buffer, aligned.byteOffset, aligned.byteLength);
  if (aligned.length < HEADER_BYTES || view.getUint32(0, true) !== MAGIC) throw new SampleBatchError("wrong magic");
  const version = view.getUint16(4, true);
  if (version !== VERSION) throw new SampleBatchError(`version ${version} is unknown`);
  const sectionCount = view.getUint16(6, true);
  const tenantLength = view.getUint32(24, true);
  const tenantAt = HEADER_BYTES + sectionCount * SECTION_ENTRY_BYTES;
  if (tenantAt + tenantLength > aligned.length) throw new SampleBatchError("cut short in its header");

  const sections = new Map<number, { count: number; bytes: Uint8Array }>();
  for (let i = 0; i < sectionCount; i++) {
    const at = HEADER_BYTES + i * SECTION_ENTRY_BYTES;
    const offset = view.getUint32(at + 8, true);
    const length = view.getUint32(at + 12, true);
    if (offset % 8 !== 0 || offset + length > aligned.length) throw new SampleBatchError("cut short in a section");
    const bytes = aligned.subarray(offset, offset + length);
    sections.set(view.getUint32(at, true), { count: view.getUint32(at + 4, true), bytes });
  }
  const sampleCount = sections.get(SECTION.metricIds)?.count ?? 0;
  const column = (kind: number): Uint32Array => {
    const bytes = sections.get(kind)?.bytes;
    if (bytes === undefined || bytes.length !== sampleCount * 8)
      throw new SampleBatchError("its columns differ in length");
    return new Uint32Array(bytes.buffer, bytes.byteOffset, sampleCount * 2);
  };
  const announcements = sections.get(SECTION.announcements);
  const metadata = sections.get(SECTION.metadata);
  const exemplars = sections.get(SECTION.exemplars);
  const histograms = sections.get(SECTION.histograms);
  const starts = sections.get(SECTION.starts);
  return {
    tenant: Buffer.from(aligned.buffer, aligned.byteOffset + tenantAt, tenantLength).toString(),
    sampleCount,
    minTimestampMs: view.getFloat64(8, true),
    maxTimestampMs: view.getFloat64(16, true),
    metricIds: column(SECTION.metricIds),
    seriesIds: column(SECTION.seriesIds),
    timestamps: column(SECTION.timestamps),
    values: column(SECTION.values),
    announcements: announcements?.bytes ?? EMPTY,
    announcementCount: announcements?.count ?? 0,
    metadata: metadata?.bytes ?? EMPTY,
    metadataCount: metadata?.count ?? 0,
    histograms: histograms && decodeHistogramColumns(histograms.bytes, histograms.count),
    starts: starts && decodeStartColumns(starts.bytes, starts.count),
    exemplars: exemplars?.bytes ?? EMPTY,
    exemplarCount: exemplars?.count ?? 0,
  };
}

const EMPTY = new Uint8Array(0);

function align8(length: number): number {
  return (length + 7) & ~7;
}

function bytesOf(column: Uint32Array): Uint8Array {
  return new Uint8Array(column.buffer, column.byteOffset, column.byteLength);
}
