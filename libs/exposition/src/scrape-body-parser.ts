import {
  Labels,
  type MetricMetadata,
  type MetricType,
  NORMAL_NAN_HIGH,
  NORMAL_NAN_LOW,
  wordsOf,
} from "@monotreme/model";
import { canonicalLabelValue, TYPE_CONTEXT } from "./bound-label.ts";
import { scanDecimal } from "./decimal.ts";
import { expositionErrorAt } from "./exposition-error.ts";
import { LineIndex } from "./line-index.ts";
import { LINE_KIND, LineTable, sameBytes } from "./line-table.ts";
import { metricTypeOf, RecordReader } from "./record-reader.ts";
import type { ExpositionFormat } from "./scrape-protocol.ts";
import { SlotPool } from "./slot-pool.ts";

const NEWLINE = 10;
const SPACE = 32;
const BRACE_CLOSE = 125;
const NO_BODY = Buffer.alloc(0);

/** An exemplar of one sample of a scrape. */
export interface ScrapedExemplar {
  /** The position of its sample in the scrape's columns. */
  readonly sample: number;
  readonly labels: Labels;
  readonly value: number;
  /** Epoch milliseconds; undefined where the target gave none. */
  readonly timestampMs: number | undefined;
}

/**
 * What one body said, as columns of which the first `count` entries count, in the body's order. The arrays belong to
 * the parser and are valid until its next `parse`. A series that the body shows twice is there twice, with one slot.
 */
export interface ParsedScrape {
  readonly count: number;
  /** The series of each sample: an index that stays the same as long as the series is in every body. */
  readonly slots: Int32Array;
  /** Values; NaNs have Prometheus' normal NaN bits, so copy them as bits (`set`, `subarray`). */
  readonly values: Float64Array;
  /** Epoch milliseconds; NaN where the target gave none. */
  readonly timestamps: Float64Array;
  /** Whether any sample has a timestamp of its own. */
  readonly hasTimestamps: boolean;
  /** Slots of series that the previous body did not have; read their labels with `labelsOf`. */
  readonly created: readonly number[];
  /** Slots of series that the previous body had and this one has not. They may stand for other series from the next
   * `parse` on, never in this one. */
  readonly freed: readonly number[];
  readonly exemplars: readonly ScrapedExemplar[];
  /** False only where `metadata()` gives the same as after the previous body. */
  readonly metadataChanged: boolean;
}

/**
 * Reads the bodies of one target, scrape after scrape. It keeps the previous body and takes over what it knows of each
 * line whose series text stands in the same order, so that in the usual case only values are parsed; the result is
 * always the same as without that memory. A body with any fault throws {@link ExpositionError} and changes nothing:
 * the next body is compared with the last good one. Memory: the last good body plus about 45 bytes a line. The caller
 * must not write to a body before the parser has read another. Not for concurrent use.
 */
export class ScrapeBodyParser {
  #previous = new LineTable();
  #current = new LineTable();
  #previousIndex = new LineIndex(this.#previous);
  #currentIndex = new LineIndex(this.#current);
  #previousFormat: ExpositionFormat | undefined;
  #hasPreviousIndex = false;
  readonly #slotPool = new SlotPool();
  #columns = new SampleColumns();
  #count = 0;
  #exemplars: ScrapedExemplar[] = [];
  /** The type context that the lines read so far have set. */
  #context = 0;
  /** The line of the previous body that is expected next. */
  #cursor = 0;
  #metadataCount = 0;
  #previousMetadataCount = 0;
  #metadataChanged = false;
  #slotLines: Int32Array | undefined;

  /** The number of slots ever needed at once: every slot is below it, for the size of the caller's own columns. */
  get slotCapacity(): number {
    return this.#slotPool.capacity;
  }

  /** Reads one body. OpenMetrics bodies have to end in `# EOF`. */
  parse(body: Buffer, format: ExpositionFormat): ParsedScrape {
    this.#begin(body, format);
    try {
      this.#parseLines(body, format);
    } catch (error) {
      this.#slotPool.rollBack();
      this.#current.reset(NO_BODY, this.#previous.count);
      throw error;
    } finally {
      this.#currentIndex.clear();
      this.#previousIndex.clear();
    }
    return this.#commit(format);
  }

  /** The labels of a series of the last good body, the metric's name among them. */
  labelsOf(slot: number): Labels {
    const table = this.#previous;
    this.#slotLines ??= slotLinesOf(table, this.slotCapacity);
    const line = (this.#slotLines[slot] ?? 0) - 1;
    if (line < 0 || this.#previousFormat === undefined) return Labels.EMPTY;
    const reader = new RecordReader(table.body, this.#previousFormat);
    reader.readSeries(table.starts[line] as number);
    const { pairs } = reader;
    const context = table.kinds[line] as number;
    const entries: [string, string][] = [];
    for (let i = 0; i < pairs.length; i += 2) {
      const name = pairs[i] as string;
      entries.push([name, canonicalLabelValue(context, name, pairs[i + 1] as string)]);
    }
    return Labels.fromEntries(entries);
  }

  /** What the last good body says of its metric families, in the order in which it names them. */
  metadata(): MetricMetadata[] {
    const families = new Map<string, { metric: string; type: MetricType; help: string; unit: string }>();
    const table = this.#previous;
    const format = this.#previousFormat ?? "text";
    const reader = new RecordReader(table.body, format);
    for (let line = 0; line < table.count; line++) {
      const kind = table.kinds[line] as number;
      if (kind < LINE_KIND.metadata || kind === LINE_KIND.eof) continue;
      reader.read(table.starts[line] as number);
      if (reader.metadata === undefined) continue;
      const { metric, field, text } = reader.metadata;
      const family = families.get(metric) ?? { metric, type: "unknown", help: "", unit: "" };
      if (field === "type") family.type = metricTypeOf(text, format === "openmetrics") ?? "unknown";
      else family[field] = text;
      families.set(metric, family);
    }
    return [...families.values()];
  }

  #begin(body: Buffer, format: ExpositionFormat): void {
    this.#current.reset(body, this.#previous.count);
    this.#columns.shrinkTo(this.#previous.count);
    this.#slotPool.begin();
    this.#count = 0;
    this.#exemplars = [];
    this.#context = TYPE_CONTEXT.other;
    this.#metadataCount = 0;
    this.#hasPreviousIndex = false;
    this.#metadataChanged = format !== this.#previousFormat;
    // The two grammars allow different lines: after a change every line is read anew, and only then found again.
    this.#cursor = format === this.#previousFormat ? 0 : this.#previous.count;
    this.#columns.hasTimestamps = false;
  }

  #parseLines(body: Buffer, format: ExpositionFormat): void {
    const reader = new RecordReader(body, format);
    // Within whole lines a scan always meets a byte that ends it; what follows the last newline takes the slow way.
    const safeEnd = body.lastIndexOf(NEWLINE) + 1;
    let position = 0;
    while (position < body.length) {
      const next = position < safeEnd ? this.#tryKnownLine(reader, body, position, safeEnd) : -1;
      position = next >= 0 ? next : this.#parseLine(reader, position);
    }
    if (format === "openmetrics" && this.#lastKind() !== LINE_KIND.eof) {
      throw expositionErrorAt(body, body.length, "expected `# EOF`");
    }
  }

  #lastKind(): number {
    const { count, kinds } = this.#current;
    return count === 0 ? LINE_KIND.blank : (kinds[count - 1] as number);
  }

  /** Takes a line that repeats the expected line of the previous body; the start of the next, or -1 if it does not. */
  #tryKnownLine(reader: RecordReader, body: Buffer, position: number, safeEnd: number): number {
    const previous = this.#previous;
    const cursor = this.#cursor;
    if (cursor >= previous.count) return -1;
    const from = previous.starts[cursor] as number;
    const length = (previous.ends[cursor] as number) - from;
    const end = position + length;
    if (end > safeEnd || !sameBytes(previous.view, from, this.#current.view, position, length)) return -1;
    const kind = previous.kinds[cursor] as number;
    if (kind > LINE_KIND.lastSample) return this.#takeKnownOther(position, end, kind);
    if (kind !== this.#context || end === safeEnd) return -1;

    const columns = this.#columns;
    const at = this.#count;
    if (at === columns.values.length) columns.grow();
    let next = body[end] === SPACE ? scanDecimal(body, end + 1, columns.values, at) : -1;
    if (next >= 0 && body[next] === NEWLINE) {
      columns.timestamps[at] = Number.NaN;
      next++;
    } else {
      // Without a closing brace the name may go on, or labels follow after a blank.
      if (body[end - 1] !== BRACE_CLOSE) return -1;
      reader.readRest(end);
      this.#storeSample(reader);
      next = reader.position;
    }
    const slot = previous.slots[cursor] as number;
    this.#cursor = cursor + 1;
    columns.slots[at] = slot;
    this.#count = at + 1;
    this.#slotPool.see(slot);
    this.#current.push(position, end, slot, kind);
    return next;
  }

  #takeKnownOther(position: number, end: number, kind: number): number {
    // Only a whole line is known: one without its newline could go on, and nothing may follow `# EOF`.
    if (kind === LINE_KIND.eof || this.#current.body[end - 1] !== NEWLINE) return -1;
    this.#cursor++;
    this.#pushOther(position, end, kind);
    return end;
  }

  #pushOther(position: number, end: number, kind: number): void {
    if (kind >= LINE_KIND.firstType && kind !== LINE_KIND.eof) this.#context = kind - LINE_KIND.firstType;
    if (kind >= LINE_KIND.metadata && kind !== LINE_KIND.eof) this.#metadataCount++;
    this.#current.push(position, end, -1, kind);
  }

  /** Reads a line in full and finds its series again, or gives it a slot. */
  #parseLine(reader: RecordReader, position: number): number {
    const kind = reader.read(position);
    if (kind === "sample") {
      if (this.#count === this.#columns.values.length) this.#columns.grow();
      this.#storeSample(reader);
      const slot = this.#slotFor(position, reader.seriesEnd);
      this.#columns.slots[this.#count++] = slot;
    } else if (kind === "metadata") {
      this.#metadataChanged = true;
      this.#pushOther(position, reader.position, this.#metadataKind(reader));
    } else {
      this.#pushOther(position, reader.position, kind === "eof" ? LINE_KIND.eof : LINE_KIND.blank);
    }
    return reader.position;
  }

  #metadataKind(reader: RecordReader): number {
    if (reader.metadata?.field !== "type") return LINE_KIND.metadata;
    const { text } = reader.metadata;
    const context = text === "histogram" || text === "summary" ? TYPE_CONTEXT[text] : TYPE_CONTEXT.other;
    return LINE_KIND.firstType + context;
  }

  #slotFor(start: number, end: number): number {
    const kind = this.#context;
    const { view } = this.#current;
    const line = this.#findPrevious(kind, view, start, end - start);
    if (line >= 0) {
      // From here the old body is followed again. What lay between may have been metadata.
      if (line !== this.#cursor) this.#metadataChanged = true;
      this.#cursor = line + 1;
      const slot = this.#previous.slots[line] as number;
      this.#slotPool.see(slot);
      this.#current.push(start, end, slot, kind);
      return slot;
    }
    const twin = this.#currentIndex.find(kind, view, start, end - start);
    const slot = twin >= 0 ? (this.#current.slots[twin] as number) : this.#slotPool.allocate();
    this.#current.push(start, end, slot, kind);
    if (twin < 0) this.#currentIndex.add(this.#current.count - 1);
    return slot;
  }

  #findPrevious(kind: number, view: DataView, start: number, length: number): number {
    if (!this.#hasPreviousIndex) {
      this.#hasPreviousIndex = true;
      const { count, kinds } = this.#previous;
      for (let line = 0; line < count; line++) {
        if ((kinds[line] as number) <= LINE_KIND.lastSample) this.#previousIndex.add(line);
      }
    }
    return this.#previousIndex.find(kind, view, start, length);
  }

  #storeSample(reader: RecordReader): void {
    const columns = this.#columns;
    const at = this.#count;
    columns.setValue(at, reader.value);
    columns.timestamps[at] = reader.timestampMs;
    if (!Number.isNaN(reader.timestampMs)) columns.hasTimestamps = true;
    const { exemplar } = reader;
    if (exemplar === undefined) return;
    const entries: [string, string][] = [];
    for (let i = 0; i < exemplar.pairs.length; i += 2) {
      entries.push([exemplar.pairs[i] as string, exemplar.pairs[i + 1] as string]);
    }
    const timestampMs = Number.isNaN(exemplar.timestampMs) ? undefined : exemplar.timestampMs;
    this.#exemplars.push({ sample: at, labels: Labels.fromEntries(entries), value: exemplar.value, timestampMs });
  }

  #commit(format: ExpositionFormat): ParsedScrape {
    const created = this.#slotPool.created;
    const freed = this.#slotPool.commit(this.#previous);
    const metadataChanged = this.#metadataChanged || this.#metadataCount !== this.#previousMetadataCount;
    [this.#previous, this.#current] = [this.#current, this.#previous];
    [this.#previousIndex, this.#currentIndex] = [this.#currentIndex, this.#previousIndex];
    this.#current.reset(NO_BODY, this.#previous.count);
    this.#previousFormat = format;
    this.#previousMetadataCount = this.#metadataCount;
    this.#slotLines = undefined;
    const { slots, values, timestamps, hasTimestamps } = this.#columns;
    const count = this.#count;
    return {
      count,
      slots,
      values,
      timestamps,
      hasTimestamps,
      created,
      freed,
      exemplars: this.#exemplars,
      metadataChanged,
    };
  }
}

/** The columns that a parser fills, scrape after scrape. */
class SampleColumns {
  slots = new Int32Array(64);
  values = new Float64Array(64);
  timestamps = new Float64Array(64);
  hasTimestamps = false;
  #words = wordsOf(this.values);

  /** Stores a value; any NaN with the bits of Prometheus' normal NaN. */
  setValue(at: number, value: number): void {
    this.values[at] = value;
    if (Number.isNaN(value)) {
      this.#words[at * 2] = NORMAL_NAN_LOW;
      this.#words[at * 2 + 1] = NORMAL_NAN_HIGH;
    }
  }

  grow(): void {
    this.#resize(this.values.length * 2);
  }

  /** Gives back memory where the last scrape needed much less. */
  shrinkTo(count: number): void {
    const needed = Math.max(64, count);
    if (this.values.length > needed * 4) this.#resize(needed);
  }

  #resize(capacity: number): void {
    const { slots, timestamps } = this;
    this.slots = new Int32Array(capacity);
    this.slots.set(slots.subarray(0, capacity));
    this.values = new Float64Array(capacity);
    this.timestamps = new Float64Array(capacity);
    this.timestamps.set(timestamps.subarray(0, capacity));
    const words = this.#words;
    this.#words = wordsOf(this.values);
    this.#words.set(words.subarray(0, capacity * 2));
  }
}

/** Line number + 1 of each slot's first line, 0 for a slot without one. */
function slotLinesOf(table: LineTable, slotCapacity: number): Int32Array {
  const lines = new Int32Array(slotCapacity);
  for (let line = table.count - 1; line >= 0; line--) {
    const slot = table.slots[line] as number;
    if (slot >= 0) lines[slot] = line + 1;
  }
  return lines;
}
