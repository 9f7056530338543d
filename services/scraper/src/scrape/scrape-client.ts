import type { ExpositionFormat } from "@monotreme/exposition";

/** One answer of a target, already decompressed. */
export interface ScrapedBody {
  readonly body: Buffer;
  readonly format: ExpositionFormat;
}

export interface ScrapeRequest {
  readonly url: string;
  readonly timeoutMs: number;
  /** About how long the body will be: that of the last one; 0 where unknown. */
  readonly expectedBytes: number;
}

/** Asks targets; throws `ScrapeError` where there is no usable answer. The signal aborts the request at once. */
export interface ScrapeClient {
  scrape(request: ScrapeRequest, signal: AbortSignal): Promise<ScrapedBody>;
  /** Closes idle connections. */
  close(): void;
}
