import { METRIC_NAME, METRIC_TYPES, type MetricType } from "@monotreme/model";
import { BYTE, BYTE_CLASS, ByteCursor, DIGIT, LABEL_START, METRIC_START, unescapeQuoted } from "./byte-cursor.ts";
import { parseSampleFloat, scanDecimal } from "./decimal.ts";
import { hasUniqueNames } from "./label-pairs.ts";
import type { TextFormat } from "./scrape-protocol.ts";

const LABEL_CHAR = LABEL_START | DIGIT;
const METRIC_CHAR = LABEL_START | METRIC_START | DIGIT;

/** What an exemplar of the body being read says; its sample is the record that carries it. */
export interface ExemplarRecord {
  /** Names and values in turn, in the order of the text. */
  readonly pairs: readonly string[];
  readonly value: number;
  /** Epoch milliseconds; NaN where the exemplar has none. */
  readonly timestampMs: number;
}

/** One metadata line. */
export interface MetadataRecord {
  readonly metric: string;
  readonly field: "help" | "type" | "unit";
  readonly text: string;
}

export type RecordKind = "blank" | "sample" | "metadata" | "eof";

/**
 * Reads one record (a line, but for newlines inside quotes) of a text or OpenMetrics body after the other, as strictly
 * as Prometheus does. After `read` its fields hold what the record said; any fault throws {@link ExpositionError}.
 */
export class RecordReader {
  /** The series part of a sample record, `__name__` first: names and values in turn. */
  pairs: string[] = [];
  /** Where the series part ends, right after the name or the closing brace. */
  seriesEnd = 0;
  value = 0;
  /** Epoch milliseconds; NaN where the sample has none. */
  timestampMs = Number.NaN;
  exemplar: ExemplarRecord | undefined;
  metadata: MetadataRecord | undefined;

  readonly #cursor: ByteCursor;
  readonly #openMetrics: boolean;
  readonly #scratch = new Float64Array(1);

  constructor(body: Buffer, format: TextFormat) {
    this.#openMetrics = format === "openmetrics";
    this.#cursor = new ByteCursor(body, !this.#openMetrics);
  }

  /** Where the next record starts: past the end of a body whose last line lacks its newline. */
  get position(): number {
    return this.#cursor.position;
  }

  /** Reads the record at `start`, which has to lie inside the body. */
  read(start: number): RecordKind {
    this.#cursor.position = start;
    this.#cursor.skipBlanks();
    const byte = this.#cursor.peek();
    if (byte === BYTE.hash) return this.#openMetrics ? this.#readOpenMetricsComment() : this.#readTextComment();
    if (!this.#openMetrics && (byte === BYTE.newline || this.#cursor.position === this.#cursor.end)) {
      this.#cursor.position++;
      return "blank";
    }
    this.readSeries(start);
    this.readRest(this.seriesEnd);
    return "sample";
  }

  /** Reads only the series part of the record at `start`: sets `pairs` and `seriesEnd`. */
  readSeries(start: number): void {
    this.#cursor.position = start;
    this.#cursor.skipBlanks();
    this.pairs = [METRIC_NAME, ""];
    const nameStart = this.#cursor.position;
    if (this.#cursor.peek() !== BYTE.braceOpen) {
      this.#cursor.scanName(METRIC_CHAR, LABEL_START | METRIC_START, "expected a metric name or a comment");
      this.pairs[1] = this.#cursor.ascii(nameStart, this.#cursor.position);
    }
    this.seriesEnd = this.#cursor.position;
    this.#cursor.skipBlanks();
    if (this.#cursor.peek() === BYTE.braceOpen) {
      this.#cursor.position++;
      this.#readLabels(this.pairs, true);
      this.seriesEnd = this.#cursor.position;
    }
    if (this.pairs[1] === "") throw this.#cursor.error("expected a metric name inside the braces");
    this.#checkUniqueNames(this.pairs);
  }

  /** Reads what follows the series part: value, timestamp, exemplar and the end of the line. */
  readRest(seriesEnd: number): void {
    this.#cursor.position = seriesEnd;
    this.timestampMs = Number.NaN;
    this.exemplar = undefined;
    this.value = this.#readFloat("expected a value after the series");
    if (this.#openMetrics) this.#readOpenMetricsRest();
    else this.#readTextRest();
  }

  #readTextRest(): void {
    this.#cursor.skipBlanks();
    if (this.#atLineEnd()) return;
    const start = this.#cursor.position;
    while (BYTE_CLASS[this.#cursor.peek()] === DIGIT) this.#cursor.position++;
    const digits = this.#cursor.body.toString("latin1", start, this.#cursor.position).replace(/^0+(?=\d)/, "");
    // Milliseconds as a 64-bit integer: 19 digits at most, and beyond 2^53 no instant that means anything.
    if (digits === "" || BigInt(digits.slice(0, 20)) > 0x7fffffffffffffffn) {
      throw this.#cursor.error("expected a timestamp in whole milliseconds or the end of the line", start);
    }
    this.timestampMs = Number(digits);
    this.#cursor.skipBlanks();
    if (!this.#atLineEnd()) throw this.#cursor.error("expected the end of the line after the timestamp");
  }

  #readOpenMetricsRest(): void {
    if (this.#atLineEnd()) return;
    if (!this.#atExemplar()) this.timestampMs = this.#readSeconds("timestamp");
    if (this.#atExemplar()) this.#readExemplar();
    else if (!this.#atLineEnd()) throw this.#cursor.error("expected the end of the line or an exemplar");
  }

  #readExemplar(): void {
    this.#cursor.position += 4;
    const pairs: string[] = [];
    this.#readLabels(pairs, false);
    this.#checkUniqueNames(pairs);
    const value = this.#readFloat("expected a value after the exemplar's labels");
    let timestampMs = Number.NaN;
    if (!this.#atLineEnd()) {
      timestampMs = this.#readSeconds("exemplar timestamp");
      if (!this.#atLineEnd()) throw this.#cursor.error("expected the end of the line after the exemplar");
    }
    this.exemplar = { pairs, value, timestampMs };
  }

  #readSeconds(what: string): number {
    const start = this.#cursor.position;
    const seconds = this.#readFloat(`expected a ${what} in seconds`);
    if (!Number.isFinite(seconds)) throw this.#cursor.error(`expected a finite ${what}`, start);
    return Math.trunc(seconds * 1000);
  }

  /** A float after its blank: one space in OpenMetrics, any number of spaces and tabs (or none) in text. */
  #readFloat(problem: string): number {
    if (this.#openMetrics) {
      if (this.#cursor.peek() !== BYTE.space) throw this.#cursor.error(problem);
      this.#cursor.position++;
    } else this.#cursor.skipBlanks();
    const start = this.#cursor.position;
    let p = start;
    while (p < this.#cursor.end && !this.#endsToken(this.#cursor.body[p] as number)) p++;
    this.#cursor.position = p;
    if (p < this.#cursor.end && scanDecimal(this.#cursor.body, start, this.#scratch, 0) === p)
      return this.#scratch[0] as number;
    const value = parseSampleFloat(this.#cursor.body.toString("latin1", start, p));
    if (value === undefined) throw this.#cursor.error(problem, start);
    return value;
  }

  #endsToken(byte: number): boolean {
    if (byte === BYTE.space || byte === BYTE.newline) return true;
    return !this.#openMetrics && (byte === BYTE.tab || byte === BYTE.braceOpen);
  }

  #readLabels(pairs: string[], isSeries: boolean): void {
    for (;;) {
      this.#cursor.skipBlanks();
      if (this.#cursor.take(BYTE.braceClose)) return;
      const start = this.#cursor.position;
      const isQuoted = this.#cursor.peek() === BYTE.quote;
      const name = isQuoted ? this.#cursor.readQuoted() : this.#readLabelName();
      if (name === "") throw this.#cursor.error("expected a name that is not empty", start);
      this.#cursor.skipBlanks();
      const next = this.#cursor.peek();
      if (isSeries && isQuoted && (next === BYTE.comma || next === BYTE.braceClose)) {
        // A quoted text by itself is the metric's name.
        if (pairs[1] !== "") throw this.#cursor.error("expected only one metric name", start);
        pairs[1] = name;
        if (next === BYTE.comma) this.#cursor.position++;
        continue;
      }
      this.#cursor.expect(BYTE.equals, "expected `=` after the label name");
      this.#cursor.skipBlanks();
      if (this.#cursor.peek() !== BYTE.quote) throw this.#cursor.error("expected a quoted label value");
      pairs.push(name, this.#cursor.readQuoted());
      this.#cursor.skipBlanks();
      // The text format's own parser lets the comma between two labels be missing; OpenMetrics does not.
      if (!this.#cursor.take(BYTE.comma) && this.#openMetrics && this.#cursor.peek() !== BYTE.braceClose) {
        throw this.#cursor.error("expected `,` or `}` after the label value");
      }
    }
  }

  #readLabelName(): string {
    const start = this.#cursor.position;
    this.#cursor.scanName(LABEL_CHAR, LABEL_START, "expected a label name or `}`");
    return this.#cursor.ascii(start, this.#cursor.position);
  }

  #checkUniqueNames(pairs: readonly string[]): void {
    if (!hasUniqueNames(pairs)) throw this.#cursor.error("expected every label name only once");
  }

  #readTextComment(): RecordKind {
    const body = this.#cursor.body;
    this.#cursor.position++;
    const isMetadata =
      this.#cursor.skipBlanks() > 0 && (this.#cursor.startsWith("HELP") || this.#cursor.startsWith("TYPE"));
    const afterKeyword = body[this.#cursor.position + 4];
    if (!isMetadata || (afterKeyword !== BYTE.space && afterKeyword !== BYTE.tab)) {
      this.#cursor.position = this.#cursor.lineEnd() + 1;
      return "blank";
    }
    const field = body[this.#cursor.position] === 72 ? "help" : "type";
    this.#cursor.position += 4;
    this.#cursor.skipBlanks();
    return this.#readMetadata(field);
  }

  #readOpenMetricsComment(): RecordKind {
    for (const field of ["help", "type", "unit"] as const) {
      if (!this.#cursor.startsWith(`# ${field.toUpperCase()} `)) continue;
      this.#cursor.position += 7;
      return this.#readMetadata(field);
    }
    if (!this.#cursor.startsWith("# EOF")) throw this.#cursor.error("expected `# HELP`, `# TYPE`, `# UNIT` or `# EOF`");
    this.#cursor.position += 5;
    this.#cursor.take(BYTE.newline);
    if (this.#cursor.position < this.#cursor.end) throw this.#cursor.error("expected nothing after `# EOF`");
    return "eof";
  }

  #readMetadata(field: MetadataRecord["field"]): RecordKind {
    const nameStart = this.#cursor.position;
    let metric: string;
    if (this.#cursor.peek() === BYTE.quote) metric = this.#cursor.readQuoted();
    else {
      this.#cursor.scanName(
        METRIC_CHAR,
        LABEL_START | METRIC_START,
        `expected a metric name after ${field.toUpperCase()}`,
      );
      metric = this.#cursor.ascii(nameStart, this.#cursor.position);
    }
    const lineEnd = this.#cursor.lineEnd();
    if (this.#openMetrics && (this.#cursor.peek() !== BYTE.space || lineEnd === this.#cursor.end)) {
      throw this.#cursor.error("expected a space and a text after the metric name");
    }
    // Exactly one byte divides name and text, as in Prometheus; further blanks belong to the text.
    const textStart = Math.min(this.#cursor.position + 1, lineEnd);
    const text = this.#metadataText(field, metric, this.#cursor.decode(textStart, lineEnd));
    this.metadata = { metric, field, text };
    this.#cursor.position = lineEnd + 1;
    return "metadata";
  }

  #metadataText(field: MetadataRecord["field"], metric: string, text: string): string {
    if (field === "help") return this.#openMetrics ? unescapeQuoted(text) : unescapeHelp(text);
    if (field === "unit") {
      if (text !== "" && !metric.endsWith(`_${text}`))
        throw this.#cursor.error("expected the metric name to end in its unit");
      return text;
    }
    if (metricTypeOf(text, this.#openMetrics) === undefined) throw this.#cursor.error("expected a metric type");
    return text;
  }

  #atExemplar(): boolean {
    return this.#cursor.startsWith(" # {");
  }

  /** Takes the end of the line; only the text format may leave out the last one. */
  #atLineEnd(): boolean {
    if (this.#cursor.position === this.#cursor.end) {
      if (this.#openMetrics) throw this.#cursor.error("expected `# EOF` at the end of the body");
      this.#cursor.position++;
      return true;
    }
    return this.#cursor.take(BYTE.newline);
  }
}

/** The metric type that a TYPE line names, or undefined where the format has none of that name. */
export function metricTypeOf(text: string, openMetrics: boolean): MetricType | undefined {
  if (openMetrics) return METRIC_TYPES.find((type) => type === text);
  switch (text) {
    case "counter":
    case "gauge":
    case "histogram":
    case "summary":
      return text;
    case "untyped":
      return "unknown";
    default:
      return undefined;
  }
}

function unescapeHelp(text: string): string {
  return text.replace(/\\([\\n])/g, (_, escaped: string) => (escaped === "n" ? "\n" : escaped));
}
