import type { ParsedScrape, ScrapeBodyParser } from "@monotreme/exposition";
import { type Labels, type SeriesHasher, STALE_NAN_HIGH, STALE_NAN_LOW, wordsOf } from "@monotreme/model";
import { dayOf, dayToAnnounce } from "./announcement-day.ts";
import { DuplicateTimestamps } from "./duplicate-timestamps.ts";
import type { LabelSource, ScrapeBatch } from "./scrape-batch.ts";
import { ScrapeError } from "./scrape-errors.ts";
import { findDuplicateSeries } from "./duplicate-series.ts";
import { type LabelLimits, seriesFault, type SeriesLabelOptions, storedLabels } from "./series-labels.ts";
import { SampleCursor } from "./sample-cursor.ts";
import { SeriesExemplars } from "./series-exemplars.ts";
import { SERIES_FLAG, SeriesTable } from "./series-table.ts";

/** Samples further ahead than this are refused, as upstream does. */
const MAX_AHEAD_MS = 600_000;
/** Timestamps that targets set themselves may lie this far back; each day further is a partition of the store more. */
const MAX_BEHIND_MS = 86_400_000;

/** New series whose labels are kept from their definition to the first attempt to publish them; bounds the peak. */
const MAX_FRESH = 10_000;

export interface ScrapeSeriesOptions extends SeriesLabelOptions, LabelLimits {
  readonly tenant: string;
  readonly hasher: SeriesHasher;
  readonly partitionOf: (labels: Labels) => number;
  readonly honorTimestamps: boolean;
  readonly trackTimestampsStaleness: boolean;
  readonly sampleLimit: number;
  /** Whether it is stored when samples' counting began, where a body says so. */
  readonly storeStarts: boolean;
}

/** What one good scrape came to. */
export interface ScrapeCounts {
  readonly scraped: number;
  readonly afterRelabel: number;
  readonly added: number;
  readonly duplicates: number;
  readonly outOfBounds: number;
  /** Exemplars left out because of their labels or their time. */
  readonly droppedExemplars: number;
  /** Stale markers left out because the series' labels were never durable for the day. */
  readonly lostMarkers: number;
}

/**
 * The series of one target: gives them their ids, turns parsed bodies into batches and marks series that ended. A
 * series that is absent from a scrape, or whose scrape failed, gets one stale marker at that scrape's time.
 */
export class ScrapeSeries implements LabelSource {
  readonly table = new SeriesTable();
  readonly #parser: ScrapeBodyParser;
  readonly #options: ScrapeSeriesOptions;
  /** Labels of series defined in the latest scrape, so that naming them does not derive them again. */
  #fresh = new Map<number, Labels>();
  #mark = 0;
  #faultyCount = 0;
  #hasDuplicates = false;
  #addedCount = 0;
  #lostMarkers = 0;
  readonly #exemplars = new SeriesExemplars();
  /** The day other than today for which a series with timestamps of its own was named last, by slot. */
  readonly #foreignDays = new Map<number, number>();

  constructor(parser: ScrapeBodyParser, options: ScrapeSeriesOptions) {
    this.#parser = parser;
    this.#options = options;
  }

  /**
   * Adds a scrape's samples and the markers of vanished series to the batch. Throws {@link ScrapeError} where a limit
   * is exceeded; the batch then has no samples of it and the caller marks all series stale.
   */
  accept(parsed: ParsedScrape, timeMs: number, batch: ScrapeBatch): ScrapeCounts {
    this.#lostMarkers = 0;
    this.#addedCount = 0;
    this.forgetFresh();
    this.table.ensure(this.#parser.slotCapacity);
    for (const slot of parsed.freed) this.#end(slot, timeMs, batch);
    for (const slot of parsed.created) this.#define(slot);
    if (parsed.created.length > 0 || (parsed.freed.length > 0 && this.#hasDuplicates)) this.#findDuplicates(parsed);
    const afterRelabel = this.#checkLimits(parsed);
    const added = this.#addSamples(parsed, timeMs, batch);
    return {
      scraped: parsed.count,
      afterRelabel,
      added: this.#addedCount,
      ...added,
      droppedExemplars: this.#exemplars.dropped,
      lostMarkers: this.#lostMarkers,
    };
  }

  /** Marks every live series stale: the scrape failed, or the target is gone. Returns the markers left out. */
  markAllStale(timeMs: number, batch: ScrapeBatch): number {
    this.#lostMarkers = 0;
    for (let slot = 0; slot < this.table.capacity; slot++) this.#addMarker(slot, timeMs, batch);
    return this.#lostMarkers;
  }

  labelsFor(slot: number, seriesIdLow: number, seriesIdHigh: number): Labels | undefined {
    if (!this.table.isSeries(slot, seriesIdLow, seriesIdHigh) || !this.table.hasFlag(slot, SERIES_FLAG.kept))
      return undefined;
    return this.#fresh.get(slot) ?? storedLabels(this.#parser.labelsOf(slot), this.#options);
  }

  /** The latest batch was offered to the bus once: the labels kept for that are not needed any more. */
  forgetFresh(): void {
    if (this.#fresh.size > 0) this.#fresh = new Map();
  }

  markAnnounced(slot: number, seriesIdLow: number, seriesIdHigh: number, day: number): void {
    if (!this.table.isSeries(slot, seriesIdLow, seriesIdHigh)) return;
    // A day before the series' own comes from explicit timestamps only.
    if (day < (this.table.announcedDays[slot] ?? 0)) this.#foreignDays.set(slot, day);
    else this.table.raiseAnnouncedDay(slot, seriesIdLow, seriesIdHigh, day);
  }

  #define(slot: number): void {
    const { table } = this;
    table.flags[slot] = 0;
    table.announcedDays[slot] = 0;
    const { tenant, hasher, partitionOf } = this.#options;
    const labels = storedLabels(this.#parser.labelsOf(slot), this.#options);
    if (labels === undefined) return;
    this.#addedCount++;
    table.setFlag(slot, SERIES_FLAG.kept, true);
    if (seriesFault(labels, this.#options) !== undefined) {
      table.setFlag(slot, SERIES_FLAG.faulty, true);
      this.#faultyCount++;
    }
    if (this.#fresh.size < MAX_FRESH) this.#fresh.set(slot, labels);
    table.setIds(slot, hasher.metricId(tenant, labels.metricName), hasher.seriesId(tenant, labels));
    table.partitions[slot] = partitionOf(labels);
  }

  /** A series that the target no longer shows. */
  #end(slot: number, timeMs: number, batch: ScrapeBatch): void {
    this.#addMarker(slot, timeMs, batch);
    if (this.table.hasFlag(slot, SERIES_FLAG.faulty)) this.#faultyCount--;
    this.table.flags[slot] = 0;
    this.#foreignDays.delete(slot);
  }

  #addMarker(slot: number, timeMs: number, batch: ScrapeBatch): void {
    const { table } = this;
    if (!table.hasFlag(slot, SERIES_FLAG.live)) return;
    table.setFlag(slot, SERIES_FLAG.live, false);
    if ((table.announcedDays[slot] ?? 0) < dayOf(timeMs)) this.#lostMarkers++;
    else batch.addSample(table, slot, timeMs, STALE_NAN_LOW, STALE_NAN_HIGH);
  }

  #findDuplicates(parsed: ParsedScrape): void {
    this.#hasDuplicates = findDuplicateSeries(this.table, parsed.slots, parsed.count);
  }

  /** The number of samples after relabelling. */
  #checkLimits(parsed: ParsedScrape): number {
    const { flags } = this.table;
    const { slots, count } = parsed;
    let kept = 0;
    for (let i = 0; i < count; i++) kept += (flags[slots[i] as number] as number) & SERIES_FLAG.kept;
    if (this.#faultyCount > 0) throw this.#faultError(parsed);
    const { sampleLimit } = this.#options;
    if (sampleLimit > 0 && kept > sampleLimit) {
      throw new SampleLimitError(parsed.count, kept, this.#addedCount);
    }
    return kept;
  }

  #faultError(parsed: ParsedScrape): ScrapeError {
    for (let i = 0; i < parsed.count; i++) {
      const slot = parsed.slots[i] as number;
      if (!this.table.hasFlag(slot, SERIES_FLAG.faulty)) continue;
      const labels = storedLabels(this.#parser.labelsOf(slot), this.#options);
      const fault = labels === undefined ? undefined : seriesFault(labels, this.#options);
      if (fault !== undefined) return new ScrapeError(fault.isLimit ? "label-limit" : "series", fault.message);
    }
    return new ScrapeError("series", "the target shows an invalid series");
  }

  #addSamples(parsed: ParsedScrape, timeMs: number, batch: ScrapeBatch): { duplicates: number; outOfBounds: number } {
    const { flags, marks } = this.table;
    const { slots, timestamps, count } = parsed;
    const { trackTimestampsStaleness } = this.#options;
    const words = wordsOf(parsed.values);
    const useTimestamps = this.#options.honorTimestamps && parsed.hasTimestamps;
    const repeated = new DuplicateTimestamps(parsed);
    const histograms = SampleCursor.over(parsed.histograms);
    const starts = this.#options.storeStarts ? SampleCursor.over(parsed.starts) : undefined;
    this.#exemplars.begin(parsed, timeMs);
    this.#mark = (this.#mark + 1) & 0xff;
    let duplicates = 0;
    let outOfBounds = 0;
    for (let i = 0; i < count; i++) {
      const slot = slots[i] as number;
      const slotFlags = flags[slot] as number;
      if ((slotFlags & SERIES_FLAG.kept) === 0) continue;
      const ownMs = useTimestamps ? (timestamps[i] as number) : Number.NaN;
      const isExplicit = !Number.isNaN(ownMs);
      const isRepeat = marks[slot] === this.#mark;
      marks[slot] = this.#mark;
      if (isExplicit ? isRepeat && repeated.has(i) : isRepeat || (slotFlags & SERIES_FLAG.duplicate) !== 0) {
        duplicates++;
        continue;
      }
      const sampleMs = isExplicit ? ownMs : timeMs;
      if (sampleMs > timeMs + MAX_AHEAD_MS || sampleMs < timeMs - MAX_BEHIND_MS) {
        outOfBounds++;
        continue;
      }
      const sample = batch.addSample(this.table, slot, sampleMs, words[i * 2] as number, words[i * 2 + 1] as number);
      const histogram = histograms?.at(i)?.histogram;
      if (histogram !== undefined) batch.setHistogram(sample, histogram);
      const startMs = starts?.at(i)?.startMs ?? Number.NaN;
      if (startMs <= sampleMs) batch.setStart(sample, startMs);
      this.#exemplars.addOf(i, slot, sample, batch);
      const isTracked = !isExplicit || trackTimestampsStaleness;
      flags[slot] = isTracked ? slotFlags | SERIES_FLAG.live : slotFlags & ~SERIES_FLAG.live;
      this.#announce(slot, sample, sampleMs, timeMs, batch);
    }
    return { duplicates, outOfBounds };
  }

  #announce(slot: number, sample: number, sampleMs: number, timeMs: number, batch: ScrapeBatch): void {
    const day = dayToAnnounce(slot, this.table.announcedDays[slot] as number, timeMs);
    if (day !== 0) batch.announce(this, slot, day, sample);
    if (sampleMs === timeMs) return;
    const ownDay = dayOf(sampleMs);
    if (ownDay === dayOf(timeMs) || this.#foreignDays.get(slot) === ownDay) return;
    batch.announce(this, slot, ownDay, sample);
  }
}

/** Too many samples; the counts go on so that `scrape_samples_scraped` tells how many there were. */
export class SampleLimitError extends ScrapeError {
  readonly scraped: number;
  readonly afterRelabel: number;
  readonly added: number;

  constructor(scraped: number, afterRelabel: number, added: number) {
    super("sample-limit", "sample limit exceeded");
    this.scraped = scraped;
    this.afterRelabel = afterRelabel;
    this.added = added;
  }
}
