import { Labels, type MetricMetadata } from "@monotreme/model";
import { canonicalLabelValue, TYPE_CONTEXT } from "./bound-label.ts";
import { scanDecimal, scanMilliseconds } from "./decimal.ts";
import { expositionErrorAt } from "./exposition-error.ts";
import { metadataOf } from "./family-metadata.ts";
import { labelsFromPairs } from "./label-pairs.ts";
import { LineIndex } from "./line-index.ts";
import { LINE_KIND, LineTable, sameBytes } from "./line-table.ts";
import type { ParsedScrape, ScrapedExemplar } from "./parsed-scrape.ts";
import { RecordReader } from "./record-reader.ts";
import { SampleColumns } from "./sample-columns.ts";
import type { TextFormat } from "./scrape-protocol.ts";
import { SlotPool } from "./slot-pool.ts";

const NEWLINE = 10;
const SPACE = 32;
const QUOTE = 34;
const BACKSLASH = 92;
const BRACE_CLOSE = 125;
const NO_BODY = Buffer.alloc(0);

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
  #previousFormat: TextFormat | undefined;
  #isSameFormat = false;
  #hasPreviousIndex = false;
  readonly #slotPool = new SlotPool();
  #columns = new SampleColumns();
  #count = 0;
  #exemplars: ScrapedExemplar[] = [];
  /** The type context that the lines read so far have set. */
  #context = 0;
  /** The line of the previous body that is expected next. */
  #cursor = 0;
  /** Whether timestamps are whole milliseconds, so that the quick scan can read them. */
  #readsMilliseconds = true;
  #metadataCount = 0;
  #previousMetadataCount = 0;
  #metadataChanged = false;
  #slotLines: Int32Array | undefined;
  /** Reads labels from the last good body. */
  #labelReader: RecordReader | undefined;

  /** The number of slots ever needed at once: every slot is below it, for the size of the caller's own columns. */
  get slotCapacity(): number {
    return this.#slotPool.capacity;
  }

  /** Reads one body. OpenMetrics bodies have to end in `# EOF`. */
  parse(body: Buffer, format: TextFormat): ParsedScrape {
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
    this.#labelReader ??= new RecordReader(table.body, this.#previousFormat);
    this.#labelReader.readSeries(table.starts[line] as number);
    const { pairs } = this.#labelReader;
    const context = table.kinds[line] as number;
    for (let i = 2; i < pairs.length; i += 2) {
      pairs[i + 1] = canonicalLabelValue(context, pairs[i] as string, pairs[i + 1] as string);
    }
    return labelsFromPairs(pairs);
  }

  /** What the last good body says of its metric families, in the order in which it names them. */
  metadata(): MetricMetadata[] {
    return metadataOf(this.#previous, this.#previousFormat ?? "text");
  }

  #begin(body: Buffer, format: TextFormat): void {
    this.#current.reset(body, this.#previous.count);
    this.#columns.shrinkTo(this.#previous.count);
    this.#slotPool.begin();
    this.#count = 0;
    this.#exemplars = [];
    this.#context = TYPE_CONTEXT.other;
    this.#metadataCount = 0;
    this.#hasPreviousIndex = false;
    this.#isSameFormat = format === this.#previousFormat;
    this.#metadataChanged = !this.#isSameFormat;
    // The two grammars allow different lines: after a change every line is read in full, and only then found again.
    this.#cursor = this.#isSameFormat ? 0 : this.#previous.count;
    this.#columns.hasTimestamps = false;
    this.#readsMilliseconds = format === "text";
  }

  #parseLines(body: Buffer, format: TextFormat): void {
    const reader = new RecordReader(body, format);
    // Within whole lines a scan always meets a byte that ends it; what follows the last newline takes the slow way.
    const safeEnd = body.lastIndexOf(NEWLINE) + 1;
    let position = 0;
    while (position < body.length) {
      position = this.#followPrevious(body, position, safeEnd);
      if (position < body.length) position = this.#parseNextLine(reader, position);
    }
    if (format === "openmetrics" && this.#lastKind() !== LINE_KIND.eof) {
      throw expositionErrorAt(body, body.length, "expected `# EOF`");
    }
  }

  #lastKind(): number {
    const { count, kinds } = this.#current;
    return count === 0 ? LINE_KIND.blank : (kinds[count - 1] as number);
  }

  /**
   * Takes lines as long as they repeat the previous body's in its order, but for plain values and timestamps; returns
   * where that ends. All that most scrapes do happens in this loop, so it works on local variables.
   */
  #followPrevious(body: Buffer, from: number, safeEnd: number): number {
    const current = this.#current;
    const columns = this.#columns;
    const { starts, ends, slots: previousSlots, kinds, view: previousView, count: previousCount } = this.#previous;
    let cursor = this.#cursor;
    current.reserve(current.count + previousCount - cursor);
    columns.reserve(this.#count + previousCount - cursor);
    const { view, starts: newStarts, ends: newEnds, slots: newSlots, kinds: newKinds } = current;
    const { slots, values, timestamps } = columns;
    const pool = this.#slotPool;
    const { seen, scrape } = pool;
    let line = current.count;
    let count = this.#count;
    let context = this.#context;
    let position = from;
    for (; cursor < previousCount; cursor++) {
      const start = starts[cursor] as number;
      const length = (ends[cursor] as number) - start;
      const kind = kinds[cursor] as number;
      const end = position + length;
      if (end > safeEnd || !sameBytes(previousView, start, view, position, length)) break;
      let next = end;
      if (kind <= LINE_KIND.lastSample) {
        if (kind !== context || body[end] !== SPACE) break;
        next = scanDecimal(body, end + 1, values, count);
        if (next < 0) break;
        timestamps[count] = Number.NaN;
        if (body[next] === SPACE && this.#readsMilliseconds) {
          next = scanMilliseconds(body, next + 1, timestamps, count);
          if (next < 0) break;
          columns.hasTimestamps = true;
        }
        if (body[next++] !== NEWLINE) break;
        const slot = previousSlots[cursor] as number;
        slots[count++] = slot;
        newSlots[line] = slot;
        if (seen[slot] !== scrape) {
          seen[slot] = scrape;
          pool.seenCount++;
        }
      } else {
        // Only a whole line is known: one without its newline could go on, and nothing may follow `# EOF`.
        if (kind === LINE_KIND.eof || body[end - 1] !== NEWLINE) break;
        newSlots[line] = -1;
        if (kind >= LINE_KIND.firstType) context = kind - LINE_KIND.firstType;
        if (kind >= LINE_KIND.metadata) this.#metadataCount++;
      }
      newStarts[line] = position;
      newEnds[line] = end;
      newKinds[line++] = kind;
      position = next;
    }
    this.#cursor = cursor;
    this.#count = count;
    this.#context = context;
    current.count = line;
    return position;
  }

  /** Reads the line that ended the loop: only what follows its series where that is a known one, else all of it. */
  #parseNextLine(reader: RecordReader, position: number): number {
    const line = this.#knownLineAt(position);
    if (line < 0) return this.#parseLine(reader, position);
    const { starts, ends } = this.#previous;
    const end = position + (ends[line] as number) - (starts[line] as number);
    reader.readRest(end);
    this.#takeKnownSample(reader, position, end, line);
    return reader.position;
  }

  /** The previous body's line with the series at `position`; -1 where there is none or it takes more to find out. */
  #knownLineAt(position: number): number {
    const { starts, ends, kinds, view, count } = this.#previous;
    const cursor = this.#cursor;
    if (count === 0 || !this.#isSameFormat) return -1;
    const { body } = this.#current;
    if (cursor < count && kinds[cursor] === this.#context) {
      const start = starts[cursor] as number;
      const length = (ends[cursor] as number) - start;
      const end = position + length;
      // Without a closing brace the name may go on, or labels follow after a blank.
      const isComplete = end < body.length && body[end - 1] === BRACE_CLOSE;
      if (isComplete && sameBytes(view, start, this.#current.view, position, length)) return cursor;
    }
    const end = closingBraceAfter(body, position);
    return end < 0 ? -1 : this.#findPrevious(this.#context, this.#current.view, position, end - position);
  }

  #pushOther(position: number, end: number, kind: number): void {
    if (kind >= LINE_KIND.firstType && kind !== LINE_KIND.eof) this.#context = kind - LINE_KIND.firstType;
    if (kind >= LINE_KIND.metadata && kind !== LINE_KIND.eof) this.#metadataCount++;
    // The last line may lack its newline.
    this.#current.push(position, Math.min(end, this.#current.body.length), -1, kind);
  }

  /** Reads a line in full and finds its series again, or gives it a slot. */
  #parseLine(reader: RecordReader, position: number): number {
    const kind = reader.read(position);
    if (kind === "sample") this.#placeSample(reader, position, reader.seriesEnd);
    else if (kind === "metadata") {
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

  #placeSample(reader: RecordReader, start: number, end: number): void {
    const kind = this.#context;
    const { view } = this.#current;
    const line = this.#findPrevious(kind, view, start, end - start);
    if (line >= 0) {
      this.#takeKnownSample(reader, start, end, line);
      return;
    }
    const twin = this.#currentIndex.find(kind, view, start, end - start);
    const slot = twin >= 0 ? (this.#current.slots[twin] as number) : this.#slotPool.allocate();
    this.#pushSample(reader, start, end, slot);
    if (twin < 0) this.#currentIndex.add(this.#current.count - 1);
  }

  #takeKnownSample(reader: RecordReader, start: number, end: number, line: number): void {
    if (this.#isSameFormat) {
      // From here the old body is followed again. What was passed over may have been metadata.
      if (line !== this.#cursor) this.#metadataChanged = true;
      this.#cursor = line + 1;
    }
    const slot = this.#previous.slots[line] as number;
    this.#slotPool.see(slot);
    this.#pushSample(reader, start, end, slot);
  }

  #findPrevious(kind: number, view: DataView, start: number, length: number): number {
    if (!this.#hasPreviousIndex) {
      this.#hasPreviousIndex = true;
      const { count, kinds } = this.#previous;
      this.#previousIndex.reserve(count);
      for (let line = 0; line < count; line++) {
        if ((kinds[line] as number) <= LINE_KIND.lastSample) this.#previousIndex.add(line);
      }
    }
    return this.#previousIndex.find(kind, view, start, length);
  }

  #pushSample(reader: RecordReader, start: number, end: number, slot: number): void {
    this.#current.push(start, end, slot, this.#context);
    const columns = this.#columns;
    const at = this.#count++;
    columns.reserve(at + 1);
    columns.slots[at] = slot;
    columns.setValue(at, reader.value);
    columns.timestamps[at] = reader.timestampMs;
    if (!Number.isNaN(reader.timestampMs)) columns.hasTimestamps = true;
    const { exemplar } = reader;
    if (exemplar === undefined) return;
    const labels = labelsFromPairs(exemplar.pairs);
    const timestampMs = Number.isNaN(exemplar.timestampMs) ? undefined : exemplar.timestampMs;
    this.#exemplars.push({ sample: at, labels, value: exemplar.value, timestampMs });
  }

  #commit(format: TextFormat): ParsedScrape {
    const created = this.#slotPool.created;
    const freed = this.#slotPool.commit(this.#previous);
    const metadataChanged = this.#metadataChanged || this.#metadataCount !== this.#previousMetadataCount;
    [this.#previous, this.#current] = [this.#current, this.#previous];
    [this.#previousIndex, this.#currentIndex] = [this.#currentIndex, this.#previousIndex];
    this.#current.reset(NO_BODY, this.#previous.count);
    this.#previousFormat = format;
    this.#previousMetadataCount = this.#metadataCount;
    this.#slotLines = undefined;
    this.#labelReader = undefined;
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
      histograms: [],
      starts: [],
      metadataChanged,
    };
  }
}

/** Where the labels that start in this line end, after their closing brace; -1 where the line ends before that. */
function closingBraceAfter(body: Buffer, start: number): number {
  let isQuoted = false;
  for (let p = start; p < body.length; p++) {
    const byte = body[p];
    if (byte === QUOTE) isQuoted = !isQuoted;
    else if (byte === BACKSLASH) p++;
    else if (byte === BRACE_CLOSE && !isQuoted) return p + 1;
    else if (byte === NEWLINE) return -1;
  }
  return -1;
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
