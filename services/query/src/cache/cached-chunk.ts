import { decodeMatrix, encodeMatrix, type KnownLabels } from "./matrix-codec.ts";
import type { StepMatrix } from "./step-matrix.ts";

/** What goes with a result beside its values. */
export interface ChunkRemarks {
  /** The coarsest resolution of the data that it was computed from, in ms; 0: samples. */
  readonly resolutionMs: number;
  readonly warnings: readonly string[];
  readonly infos: readonly string[];
}

/** Consecutive steps of one query's result, within one chunk of the grid. */
export interface CachedChunk extends ChunkRemarks {
  /** Which life of the bucket of late samples the revision belongs to. */
  readonly epoch: string;
  /** The values are those that the samples had when the bucket stood there. */
  readonly revision: number;
  /** Epoch ms. */
  readonly storedMs: number;
  /** The query as it was written where there are remarks, because these name its lines and columns. */
  readonly text: string;
  readonly matrix: StepMatrix;
}

/** As bytes: u32 length of a JSON header, the header, the matrix. */
export function encodeChunk({ matrix, ...header }: CachedChunk): Buffer {
  const json = Buffer.from(JSON.stringify(header));
  const length = Buffer.alloc(4);
  length.writeUInt32LE(json.length);
  return Buffer.concat([length, json, encodeMatrix(matrix)]);
}

/** Undefined for bytes that are no chunk. */
export function decodeChunk(bytes: Buffer, known: KnownLabels): CachedChunk | undefined {
  try {
    const length = bytes.readUInt32LE(0);
    const header: unknown = JSON.parse(bytes.toString("utf8", 4, 4 + length));
    if (!isHeader(header)) return undefined;
    return { ...header, matrix: decodeMatrix(bytes.subarray(4 + length), known) };
  } catch {
    return undefined;
  }
}

function isHeader(value: unknown): value is Omit<CachedChunk, "matrix"> {
  if (typeof value !== "object" || value === null) return false;
  return (
    "epoch" in value &&
    typeof value.epoch === "string" &&
    "revision" in value &&
    typeof value.revision === "number" &&
    "storedMs" in value &&
    typeof value.storedMs === "number" &&
    "text" in value &&
    typeof value.text === "string" &&
    "resolutionMs" in value &&
    typeof value.resolutionMs === "number" &&
    "warnings" in value &&
    isTexts(value.warnings) &&
    "infos" in value &&
    isTexts(value.infos)
  );
}

function isTexts(value: unknown): value is readonly string[] {
  return Array.isArray(value) && value.every((text) => typeof text === "string");
}
