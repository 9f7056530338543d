/** A part of a JSON text: as a string, or as bytes that are UTF-8 already. */
export type JsonPiece = string | Uint8Array;

/** Remarks that go with an answer. */
export interface Remarks {
  readonly warnings?: readonly string[];
  readonly infos?: readonly string[];
}

/** Prometheus' success envelope around data that is JSON already. */
export function* envelope(
  data: Iterable<JsonPiece>,
  { warnings = [], infos = [] }: Remarks = {},
): Generator<JsonPiece> {
  yield '{"status":"success","data":';
  yield* data;
  if (warnings.length > 0) yield `,"warnings":${JSON.stringify(warnings)}`;
  if (infos.length > 0) yield `,"infos":${JSON.stringify(infos)}`;
  yield "}";
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
