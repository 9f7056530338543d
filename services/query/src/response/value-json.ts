import { formatFloat } from "@monotreme/model";
import type { QueryValue, VectorSample } from "@monotreme/promql";
import { type JsonPiece, jsonArray } from "./envelope.ts";
import { histogramJson } from "./histogram-json.ts";
import { labelsJson } from "./labels-json.ts";
import { matrixJson } from "./matrix-json.ts";
import { timestampText } from "./timestamp-text.ts";

/** The `result` of a query's answer (format of Prometheus' HTTP API), in pieces. */
export function* queryResultJson(value: QueryValue): Generator<JsonPiece> {
  switch (value.type) {
    case "scalar":
      yield `[${timestampText(value.timestampMs)},"${formatFloat(value.value)}"]`;
      return;
    case "string":
      yield `[${timestampText(value.timestampMs)},${JSON.stringify(value.value)}]`;
      return;
    case "vector":
      yield* jsonArray(value.samples, vectorSampleJson);
      return;
    case "matrix":
      yield* matrixJson(value.series);
  }
}

function vectorSampleJson({ labels, timestampMs, value, histogram }: VectorSample): string {
  const time = timestampText(timestampMs);
  const point =
    histogram === undefined
      ? `"value":[${time},"${formatFloat(value)}"]`
      : `"histogram":[${time},${histogramJson(histogram)}]`;
  return `{"metric":${labelsJson(labels)},${point}}`;
}
