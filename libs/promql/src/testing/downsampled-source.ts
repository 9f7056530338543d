import { alignedRequest } from "../buckets/align-request.ts";
import { bucketize } from "../buckets/bucketize.ts";
import { type AvailableResolutions, chooseResolution } from "../buckets/choose-resolution.ts";
import { plainView } from "../buckets/plain-view.ts";
import type { SampleSource, SelectRequest } from "../sample-source.ts";
import type { SeriesSamples } from "../value.ts";

/** A source of raw samples that answers at the resolution which each request chooses; for tests. */
export class DownsampledSource implements SampleSource {
  readonly #source: SampleSource;
  readonly #available: AvailableResolutions;

  constructor(source: SampleSource, available: AvailableResolutions) {
    this.#source = source;
    this.#available = available;
  }

  async select(request: SelectRequest): Promise<readonly SeriesSamples[]> {
    const resolutionMs = chooseResolution(request, this.#available);
    const series = await this.#source.select({ ...request, ...alignedRequest(request, resolutionMs) });
    return resolutionMs === 0 ? series : series.map((one) => downsampled(one, resolutionMs));
  }
}

/** Floats in buckets; series with native histograms stay as they are, at the resolution. */
function downsampled(series: SeriesSamples, resolutionMs: number): SeriesSamples {
  if (series.histograms !== undefined) return { ...series, resolutionMs };
  const buckets = bucketize(series, resolutionMs);
  return { labels: series.labels, ...plainView(buckets), buckets, resolutionMs };
}
