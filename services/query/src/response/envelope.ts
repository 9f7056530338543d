/** A part of a JSON text: as a string, or as bytes that are UTF-8 already. */
export type JsonPiece = string | Uint8Array;

/** Remarks that go with an answer. */
export interface Remarks {
  readonly warnings?: readonly string[];
  readonly infos?: readonly string[];
}

/** JSON in parts; asynchronous where another thread makes it. */
export type JsonPieces = Iterable<JsonPiece> | AsyncIterable<JsonPiece>;

/** Prometheus' success envelope around data that is JSON already. */
export function envelope(data: JsonPieces, { warnings = [], infos = [] }: Remarks = {}): JsonPieces {
  const remarks =
    (warnings.length > 0 ? `,"warnings":${JSON.stringify(warnings)}` : "") +
    (infos.length > 0 ? `,"infos":${JSON.stringify(infos)}` : "");
  return joinPieces(['{"status":"success","data":'], data, [`${remarks}}`]);
}

/** Pieces between others. */
export function joinPieces(before: readonly string[], pieces: JsonPieces, after: readonly string[]): JsonPieces {
  return isAsync(pieces) ? joinAsync(before, pieces, after) : joinSync(before, pieces, after);
}

export function isAsync(pieces: JsonPieces): pieces is AsyncIterable<JsonPiece> {
  return Symbol.asyncIterator in pieces;
}

function* joinSync(
  before: readonly string[],
  pieces: Iterable<JsonPiece>,
  after: readonly string[],
): Generator<JsonPiece> {
  yield* before;
  yield* pieces;
  yield* after;
}

async function* joinAsync(
  before: readonly string[],
  pieces: AsyncIterable<JsonPiece>,
  after: readonly string[],
): AsyncGenerator<JsonPiece> {
  yield* before;
  yield* pieces;
  yield* after;
}

/** A JSON array of items that are JSON already. */
export function* jsonArray<T>(items: Iterable<T>, toJson: (item: T) => string): Generator<string> {
  let separator = "[";
  for (const item of items) {
    yield separator + toJson(item);
    separator = ",";
  }
  yield separator === "[" ? "[]" : "]";
}
