import { AppError } from "@monotreme/errors";
import { compareLabels } from "@monotreme/model";
import type { SampleSource, SeriesSamples } from "@monotreme/promql";
import type { ReadQuery, ReadSeries } from "@monotreme/remote-write";
import { type ExternalLabels, withExternalLabels, withoutExternalMatchers } from "../raw-reads/external-labels.ts";

export interface ReadOptions {
  readonly externalLabels: ExternalLabels;
  /** Samples of all queries together. */
  readonly maxSamples: number;
  readonly signal: AbortSignal;
}

/** Reads the series of each query, sorted by their labels, the external ones added. */
export async function readQueries(
  source: SampleSource,
  queries: readonly ReadQuery[],
  { externalLabels, maxSamples, signal }: ReadOptions,
): Promise<readonly (readonly ReadSeries[])[]> {
  const results: (readonly ReadSeries[])[] = [];
  let samplesLeft = maxSamples;
  for (const query of queries) {
    const selected = await select(source, query, { externalLabels, maxSamples: samplesLeft, signal });
    const series = selected.map((one) => ({ ...one, labels: withExternalLabels(one.labels, externalLabels) }));
    for (const { timestamps } of series) samplesLeft -= timestamps.length;
    if (samplesLeft < 0) throw tooManySamples(maxSamples);
    results.push(series.sort((a, b) => compareLabels(a.labels, b.labels)));
  }
  return results;
}

async function select(
  source: SampleSource,
  { matchers, startMs, endMs }: ReadQuery,
  { externalLabels, maxSamples, signal }: ReadOptions,
): Promise<readonly SeriesSamples[]> {
  try {
    return await source.select({
      matchers: withoutExternalMatchers(matchers, externalLabels),
      afterMs: startMs - 1,
      untilMs: endMs,
      stepMs: 0,
      functionName: "",
      signal,
      maxSamples,
    });
  } catch (error) {
    // Upstream answers 400 here, where queries get 422.
    if (error instanceof AppError && error.code === "QUERY_TOO_MANY_SAMPLES") throw tooManySamples(maxSamples, error);
    throw error;
  }
}

function tooManySamples(maxSamples: number, cause?: unknown): AppError {
  const text = `exceeded sample limit (${maxSamples})`;
  return new AppError("REMOTE_READ_TOO_MANY_SAMPLES", "invalid", text, { cause });
}
