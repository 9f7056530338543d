import { Labels, METRIC_NAME, type SeriesHasher, STALE_NAN_HIGH, STALE_NAN_LOW } from "@monotreme/model";
import { dayToAnnounce } from "./announcement-day.ts";
import type { LabelSource, ScrapeBatch } from "./scrape-batch.ts";
import { targetWins } from "./series-labels.ts";
import { SERIES_FLAG, SeriesTable } from "./series-table.ts";

const BASE_NAMES = [
  "up",
  "scrape_duration_seconds",
  "scrape_samples_scraped",
  "scrape_samples_post_metric_relabeling",
  "scrape_series_added",
] as const;
const EXTRA_NAMES = ["scrape_timeout_seconds", "scrape_sample_limit", "scrape_body_size_bytes"] as const;

export interface ReportSeriesOptions {
  readonly targetLabels: Labels;
  readonly tenant: string;
  readonly hasher: SeriesHasher;
  readonly partitionOf: (labels: Labels) => number;
  readonly extraMetrics: boolean;
}

/** What is said of a scrape itself. */
export interface ScrapeReport {
  readonly isUp: boolean;
  readonly durationSeconds: number;
  readonly scraped: number;
  readonly afterRelabel: number;
  readonly added: number;
  readonly timeoutSeconds: number;
  readonly sampleLimit: number;
  /** Decompressed; -1 where the body limit was hit, 0 for any other failure. */
  readonly bodyBytes: number;
}

/** The synthetic series of one target (`up` and its kin); relabelling and `honor_labels` do not touch them. */
export class ReportSeries implements LabelSource {
  readonly table = new SeriesTable();
  readonly #names: readonly string[];
  readonly #targetLabels: Labels;
  readonly #value = new Float64Array(1);
  readonly #words = new Uint32Array(this.#value.buffer);

  constructor(options: ReportSeriesOptions) {
    this.#names = options.extraMetrics ? [...BASE_NAMES, ...EXTRA_NAMES] : BASE_NAMES;
    this.#targetLabels = options.targetLabels;
    for (let slot = 0; slot < this.#names.length; slot++) {
      const labels = this.#labels(slot);
      const { tenant, hasher } = options;
      this.table.setIds(slot, hasher.metricId(tenant, labels.metricName), hasher.seriesId(tenant, labels));
      this.table.partitions[slot] = options.partitionOf(labels);
    }
  }

  addReport(report: ScrapeReport, timeMs: number, batch: ScrapeBatch): void {
    const values = [
      report.isUp ? 1 : 0,
      report.durationSeconds,
      report.scraped,
      report.afterRelabel,
      report.added,
      report.timeoutSeconds,
      report.sampleLimit,
      report.bodyBytes,
    ];
    for (let slot = 0; slot < this.#names.length; slot++) {
      this.#value[0] = values[slot] as number;
      const sample = batch.addSample(this.table, slot, timeMs, this.#words[0] as number, this.#words[1] as number);
      this.table.setFlag(slot, SERIES_FLAG.live, true);
      const day = dayToAnnounce(slot, this.table.announcedDays[slot] as number, timeMs);
      if (day !== 0) batch.announce(this, slot, day, sample);
    }
  }

  /** Marks the report itself as ended: the target is gone. */
  markAllStale(timeMs: number, batch: ScrapeBatch): void {
    for (let slot = 0; slot < this.#names.length; slot++) {
      if (!this.table.hasFlag(slot, SERIES_FLAG.live)) continue;
      this.table.setFlag(slot, SERIES_FLAG.live, false);
      const sample = batch.addSample(this.table, slot, timeMs, STALE_NAN_LOW, STALE_NAN_HIGH);
      const day = dayToAnnounce(slot, this.table.announcedDays[slot] as number, timeMs);
      if (day !== 0) batch.announce(this, slot, day, sample);
    }
  }

  labelsFor(slot: number): Labels {
    return this.#labels(slot);
  }

  markAnnounced(slot: number, seriesIdLow: number, seriesIdHigh: number, day: number): void {
    this.table.raiseAnnouncedDay(slot, seriesIdLow, seriesIdHigh, day);
  }

  #labels(slot: number): Labels {
    return targetWins(Labels.fromObject({ [METRIC_NAME]: this.#names[slot] ?? "" }), this.#targetLabels);
  }
}
