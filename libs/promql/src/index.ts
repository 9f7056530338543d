export type * from "./ast.ts";
export type { SampleSource, SelectRequest } from "./sample-source.ts";
export type { NativeHistogram, QueryResult, QueryValue, SamplePoint, SeriesSamples, VectorSample } from "./value.ts";
