import type { Clock } from "@monotreme/clock";
import { messageOf } from "@monotreme/errors";
import { type ParsedScrape, parseProtobufBody, type ProtobufOptions, ScrapeBodyParser } from "@monotreme/exposition";
import { formatDurationMs, type MetricMetadata } from "@monotreme/model";
import type { ScraperMetrics } from "../metrics.ts";
import { dayOf } from "./announcement-day.ts";
import type { BatchPublisher } from "./batch-publisher.ts";
import { ReportSeries, type ReportSeriesOptions } from "./report-series.ts";
import { nextTickAfter, type Schedule, snapToGrid } from "./schedule.ts";
import type { BatchPool, ScrapeBatch } from "./scrape-batch.ts";
import type { ScrapeClient, ScrapedBody } from "./scrape-client.ts";
import { ScrapeError } from "./scrape-errors.ts";
import { SampleLimitError, type ScrapeCounts, ScrapeSeries, type ScrapeSeriesOptions } from "./scrape-series.ts";
import type { Target } from "./target.ts";

export interface ScrapeLoopOptions {
  readonly target: Target;
  readonly schedule: Schedule;
  readonly client: ScrapeClient;
  readonly publisher: BatchPublisher;
  readonly pool: BatchPool;
  readonly clock: Clock;
  readonly metrics: ScraperMetrics;
  readonly series: ScrapeSeriesOptions;
  readonly histograms: ProtobufOptions;
  readonly extraMetrics: boolean;
  /** Shared by all loops of the job: null while the targets may be scraped, else why they may not. */
  readonly blockedBy: () => string | undefined;
}

/** How a target's last scrape went. */
export interface TargetHealth {
  readonly health: "unknown" | "up" | "down";
  readonly lastError: string;
  /** Epoch ms of the last scrape's start; 0 before the first. */
  readonly lastScrapeMs: number;
  readonly lastDurationSeconds: number;
}

interface ScrapeResult {
  readonly scraped: number;
  readonly afterRelabel: number;
  readonly added: number;
  readonly bodyBytes: number;
  readonly error: string;
}

const NOTHING: ScrapeResult = { scraped: 0, afterRelabel: 0, added: 0, bodyBytes: 0, error: "" };

/**
 * Scrapes one target on its grid, one scrape at a time; a tick that comes while a scrape runs is left out. After
 * `end` it waits two more ticks and then marks all its series stale, unless `start` is called before.
 */
export class ScrapeLoop {
  #target: Target;
  readonly #options: ScrapeLoopOptions;
  readonly #parser = new ScrapeBodyParser();
  readonly #series: ScrapeSeries;
  readonly #report: ReportSeries;
  #health: TargetHealth = { health: "unknown", lastError: "", lastScrapeMs: 0, lastDurationSeconds: 0 };
  #cancelTimer: () => void = () => undefined;
  #abort = new AbortController();
  #running: Promise<void> = Promise.resolve();
  #generation = 0;
  #lastBodyBytes = 0;
  #seriesCount = 0;
  #metadataDay = 0;

  constructor(options: ScrapeLoopOptions) {
    this.#target = options.target;
    this.#options = options;
    this.#series = new ScrapeSeries(this.#parser, options.series);
    const report: ReportSeriesOptions = { ...options.series, extraMetrics: options.extraMetrics };
    this.#report = new ReportSeries(report);
  }

  get target(): Target {
    return this.#target;
  }

  /** The same target with other labels before relabelling; only what is shown of it changes. */
  rediscover(target: Target): void {
    this.#target = target;
  }

  get health(): TargetHealth {
    return this.#health;
  }

  /** What the last good body said of its metrics. */
  metadata(): readonly MetricMetadata[] {
    return this.#parser.metadata();
  }

  start(): void {
    this.#cancelTimer();
    this.#abort = new AbortController();
    this.#generation++;
    this.#scheduleNext();
  }

  /** Stops scraping at once. No stale markers: the process or the job's settings change, the target may live on. */
  async stop(): Promise<void> {
    this.#generation++;
    this.#cancelTimer();
    this.#abort.abort();
    await this.#running;
    this.#countSeries(0);
  }

  /** Stops scraping; `onEnded` runs when the markers are on their way. */
  end(onEnded: () => void): void {
    const { clock, schedule } = this.#options;
    this.#generation++;
    this.#cancelTimer();
    this.#abort.abort();
    const staleMs = nextTickAfter(schedule, clock.now());
    const delayMs = staleMs + schedule.intervalMs * 1.1 - clock.now();
    this.#cancelTimer = clock.after(delayMs, () => {
      this.#publishEnd(staleMs);
      onEnded();
    });
  }

  #scheduleNext(): void {
    const { clock, schedule } = this.#options;
    const generation = this.#generation;
    const nowMs = clock.now();
    const scheduledMs = nextTickAfter(schedule, nowMs);
    this.#cancelTimer = clock.after(scheduledMs - nowMs, () => {
      this.#running = this.#scrape(scheduledMs, generation).finally(() => {
        if (generation === this.#generation) this.#scheduleNext();
      });
    });
  }

  /** Never rejects. */
  async #scrape(scheduledMs: number, generation: number): Promise<void> {
    const { clock, metrics, schedule, pool, publisher } = this.#options;
    const startedMs = clock.now();
    const timeMs = snapToGrid(schedule, scheduledMs, startedMs);
    const batch = pool.take();
    this.#observeInterval(timeMs);
    const result = await this.#scrapeInto(batch, timeMs, () => generation !== this.#generation);
    if (result === undefined) {
      pool.give(batch);
      return;
    }
    const durationSeconds = Math.max(0, clock.now() - startedMs) / 1000;
    this.#addReport(result, durationSeconds, timeMs, batch);
    metrics.scrapes.inc();
    metrics.scrapeSeconds.observe(durationSeconds);
    this.#health = {
      health: result.error === "" ? "up" : "down",
      lastError: result.error,
      lastScrapeMs: startedMs,
      lastDurationSeconds: durationSeconds,
    };
    publisher.submit(batch, scheduledMs + 2 * schedule.intervalMs);
    // The first attempt has read them by now.
    this.#series.forgetFresh();
  }

  /** Undefined where the loop was stopped meanwhile: then nothing is said of this scrape. */
  async #scrapeInto(batch: ScrapeBatch, timeMs: number, isStopped: () => boolean): Promise<ScrapeResult | undefined> {
    try {
      const blocked = this.#options.blockedBy();
      if (blocked !== undefined) throw new ScrapeError("request", blocked);
      const { url, timeoutMs } = this.target;
      const request = { url, timeoutMs, expectedBytes: this.#lastBodyBytes };
      const answer = await this.#options.client.scrape(request, this.#abort.signal);
      if (isStopped()) return undefined;
      const { body } = answer;
      this.#lastBodyBytes = body.length;
      const parsed = this.#parse(answer);
      const counts = this.#series.accept(parsed, timeMs, batch);
      this.#count(counts);
      this.#countSeries(counts.afterRelabel);
      this.#addMetadata(parsed.metadataChanged, timeMs, batch);
      return { ...counts, bodyBytes: body.length, error: "" };
    } catch (error) {
      return isStopped() ? undefined : this.#fail(error, timeMs, batch);
    }
  }

  #parse({ body, format }: ScrapedBody): ParsedScrape {
    if (format === "protobuf") return parseProtobufBody(this.#parser, body, this.#options.histograms);
    return this.#parser.parse(body, format);
  }

  #fail(error: unknown, timeMs: number, batch: ScrapeBatch): ScrapeResult {
    const { metrics } = this.#options;
    const reason = error instanceof ScrapeError ? error.reason : "content";
    metrics.scrapeFailures.inc({ reason });
    if (reason === "body-size") metrics.exceededBodySizeLimit.inc();
    if (reason === "sample-limit") metrics.exceededSampleLimit.inc();
    if (reason === "label-limit") metrics.exceededLabelLimits.inc();
    const lost = this.#series.markAllStale(timeMs, batch);
    if (lost > 0) metrics.samplesDropped.inc({ reason: "stale-marker" }, lost);
    this.#countSeries(0);
    const counts = error instanceof SampleLimitError ? { ...NOTHING, ...countsOf(error) } : NOTHING;
    return { ...counts, bodyBytes: reason === "body-size" ? -1 : 0, error: messageOf(error) };
  }

  #addReport(result: ScrapeResult, durationSeconds: number, timeMs: number, batch: ScrapeBatch): void {
    const report = {
      ...result,
      isUp: result.error === "",
      durationSeconds,
      timeoutSeconds: this.target.timeoutMs / 1000,
      sampleLimit: this.#options.series.sampleLimit,
    };
    this.#report.addReport(report, timeMs, batch);
  }

  /** Metadata goes with a batch when it changed and once a day, so that the store never forgets it. */
  #addMetadata(changed: boolean, timeMs: number, batch: ScrapeBatch): void {
    const day = dayOf(timeMs);
    if (!changed && day === this.#metadataDay) return;
    this.#metadataDay = day;
    batch.setMetadata(this.#parser.metadata());
  }

  #publishEnd(staleMs: number): void {
    const { clock, metrics, pool, publisher, schedule } = this.#options;
    const batch = pool.take();
    const lost = this.#series.markAllStale(staleMs, batch);
    if (lost > 0) metrics.samplesDropped.inc({ reason: "stale-marker" }, lost);
    this.#report.markAllStale(staleMs, batch);
    this.#countSeries(0);
    publisher.submit(batch, clock.now() + 2 * schedule.intervalMs);
  }

  #observeInterval(timeMs: number): void {
    const lastMs = this.#health.lastScrapeMs;
    if (lastMs === 0) return;
    const interval = formatDurationMs(this.target.intervalMs);
    this.#options.metrics.intervalSeconds.observe({ interval }, Math.max(0, timeMs - lastMs) / 1000);
  }

  #count({ duplicates, outOfBounds, lostMarkers, droppedExemplars }: ScrapeCounts): void {
    const { metrics } = this.#options;
    if (duplicates > 0) metrics.duplicateTimestamps.inc(duplicates);
    if (outOfBounds > 0) metrics.outOfBounds.inc(outOfBounds);
    if (lostMarkers > 0) metrics.samplesDropped.inc({ reason: "stale-marker" }, lostMarkers);
    if (droppedExemplars > 0) metrics.exemplarsDropped.inc(droppedExemplars);
  }

  #countSeries(count: number): void {
    if (count !== this.#seriesCount) this.#options.metrics.series.inc(count - this.#seriesCount);
    this.#seriesCount = count;
  }
}

function countsOf(error: SampleLimitError): Pick<ScrapeResult, "scraped" | "afterRelabel" | "added"> {
  return { scraped: error.scraped, afterRelabel: error.afterRelabel, added: error.added };
}
