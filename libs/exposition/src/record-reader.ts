import { isUtf8 } from "node:buffer";
import { METRIC_NAME, METRIC_TYPES, type MetricType } from "@monotreme/model";
import { parseSampleFloat, scanDecimal } from "./decimal.ts";
import { expositionErrorAt, type ExpositionError } from "./exposition-error.ts";
import type { ExpositionFormat } from "./scrape-protocol.ts";

const NEWLINE = 10;
const SPACE = 32;
const QUOTE = 34;
const HASH = 35;
const COMMA = 44;
const EQUALS = 61;
const BACKSLASH = 92;
const BRACE_OPEN = 123;
const BRACE_CLOSE = 125;

/** Bits of BYTE_CLASS. */
const LABEL_START = 1;
const METRIC_START = 2;
const DIGIT = 4;
const LABEL_CHAR = LABEL_START | DIGIT;
const METRIC_CHAR = LABEL_START | METRIC_START | DIGIT;

const BYTE_CLASS = Uint8Array.from({ length: 256 }, (_, byte) => {
  const char = String.fromCharCode(byte);
  if (/[a-zA-Z_]/.test(char)) return LABEL_START;
  if (char === ":") return METRIC_START;
  return /[0-9]/.test(char) ? DIGIT : 0;
});

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
  /** Where the next record starts. */
  position = 0;
  /** The series part of a sample record, `__name__` first: names and values in turn. */
  pairs: string[] = [];
  /** Where the series part ends, right after the name or the closing brace. */
  seriesEnd = 0;
  value = 0;
  /** Epoch milliseconds; NaN where the sample has none. */
  timestampMs = Number.NaN;
  exemplar: ExemplarRecord | undefined;
  metadata: MetadataRecord | undefined;

  readonly #body: Buffer;
  readonly #end: number;
  readonly #openMetrics: boolean;
  readonly #scratch = new Float64Array(1);

  constructor(body: Buffer, format: ExpositionFormat) {
    this.#body = body;
    this.#end = body.length;
    this.#openMetrics = format === "openmetrics";
  }

  /** Reads the record at `start`, which has to lie inside the body. */
  read(start: number): RecordKind {
    this.position = start;
    this.#skipBlanks();
    const byte = this.#peek();
    if (byte === HASH) return this.#openMetrics ? this.#readOpenMetricsComment() : this.#readTextComment();
    if (!this.#openMetrics && (byte === NEWLINE || this.position === this.#end)) {
      this.position++;
      return "blank";
    }
    this.readSeries(start);
    this.readRest(this.seriesEnd);
    return "sample";
  }

  /** Reads only the series part of the record at `start`: sets `pairs` and `seriesEnd`. */
  readSeries(start: number): void {
    this.position = start;
    this.#skipBlanks();
    this.pairs = [METRIC_NAME, ""];
    const nameStart = this.position;
    if (this.#peek() !== BRACE_OPEN) {
      this.#scanName(METRIC_CHAR, LABEL_START | METRIC_START, "expected a metric name or a comment");
      this.pairs[1] = this.#body.toString("latin1", nameStart, this.position);
    }
    this.seriesEnd = this.position;
    this.#skipBlanks();
    if (this.#peek() === BRACE_OPEN) {
      this.position++;
      this.#readLabels(this.pairs, true);
      this.seriesEnd = this.position;
    }
    if (this.pairs[1] === "") throw this.#error("expected a metric name inside the braces");
    this.#checkUniqueNames(this.pairs);
  }

  /** Reads what follows the series part: value, timestamp, exemplar and the end of the line. */
  readRest(seriesEnd: number): void {
    this.position = seriesEnd;
    this.timestampMs = Number.NaN;
    this.exemplar = undefined;
    this.value = this.#readFloat("expected a value after the series");
    if (this.#openMetrics) this.#readOpenMetricsRest();
    else this.#readTextRest();
  }

  #readTextRest(): void {
    this.#skipBlanks();
    if (this.#atLineEnd()) return;
    const start = this.position;
    while (BYTE_CLASS[this.#peek()] === DIGIT) this.position++;
    const digits = this.#body.toString("latin1", start, this.position).replace(/^0+(?=\d)/, "");
    // Milliseconds as a 64-bit integer: 19 digits at most, and beyond 2^53 no instant that means anything.
    if (digits === "" || BigInt(digits.slice(0, 20)) > 0x7fffffffffffffffn) {
      throw this.#error("expected a timestamp in whole milliseconds or the end of the line", start);
    }
    this.timestampMs = Number(digits);
    this.#skipBlanks();
    if (!this.#atLineEnd()) throw this.#error("expected the end of the line after the timestamp");
  }

  #readOpenMetricsRest(): void {
    if (this.#atLineEnd()) return;
    if (!this.#atExemplar()) this.timestampMs = this.#readSeconds("timestamp");
    if (this.#atExemplar()) this.#readExemplar();
    else if (!this.#atLineEnd()) throw this.#error("expected the end of the line or an exemplar");
  }

  #readExemplar(): void {
    this.position += 4;
    const pairs: string[] = [];
    this.#readLabels(pairs, false);
    this.#checkUniqueNames(pairs);
    const value = this.#readFloat("expected a value after the exemplar's labels");
    let timestampMs = Number.NaN;
    if (!this.#atLineEnd()) {
      timestampMs = this.#readSeconds("exemplar timestamp");
      if (!this.#atLineEnd()) throw this.#error("expected the end of the line after the exemplar");
    }
    this.exemplar = { pairs, value, timestampMs };
  }

  #readSeconds(what: string): number {
    const start = this.position;
    const seconds = this.#readFloat(`expected a ${what} in seconds`);
    if (!Number.isFinite(seconds)) throw this.#error(`expected a finite ${what}`, start);
    return Math.trunc(seconds * 1000);
  }

  /** A float after its blank: one space in OpenMetrics, any number of spaces and tabs (or none) in text. */
  #readFloat(problem: string): number {
    if (this.#openMetrics) {
      if (this.#peek() !== SPACE) throw this.#error(problem);
      this.position++;
    } else this.#skipBlanks();
    const start = this.position;
    let p = start;
    while (p < this.#end && !this.#endsToken(this.#body[p] as number)) p++;
    this.position = p;
    if (p < this.#end && scanDecimal(this.#body, start, this.#scratch, 0) === p) return this.#scratch[0] as number;
    const value = parseSampleFloat(this.#body.toString("latin1", start, p));
    if (value === undefined) throw this.#error(problem, start);
    return value;
  }

  #endsToken(byte: number): boolean {
    if (byte === SPACE || byte === NEWLINE) return true;
    return !this.#openMetrics && (byte === 9 || byte === BRACE_OPEN);
  }

  #readLabels(pairs: string[], isSeries: boolean): void {
    for (;;) {
      this.#skipBlanks();
      if (this.#take(BRACE_CLOSE)) return;
      const start = this.position;
      const isQuoted = this.#peek() === QUOTE;
      const name = isQuoted ? this.#readQuoted() : this.#readLabelName();
      if (name === "") throw this.#error("expected a name that is not empty", start);
      this.#skipBlanks();
      const next = this.#peek();
      if (isSeries && isQuoted && (next === COMMA || next === BRACE_CLOSE)) {
        // A quoted text by itself is the metric's name.
        if (pairs[1] !== "") throw this.#error("expected only one metric name", start);
        pairs[1] = name;
        if (next === COMMA) this.position++;
        continue;
      }
      this.#expect(EQUALS, "expected `=` after the label name");
      this.#skipBlanks();
      if (this.#peek() !== QUOTE) throw this.#error("expected a quoted label value");
      pairs.push(name, this.#readQuoted());
      this.#skipBlanks();
      // The text format's own parser lets the comma between two labels be missing; OpenMetrics does not.
      if (!this.#take(COMMA) && this.#openMetrics && this.#peek() !== BRACE_CLOSE) {
        throw this.#error("expected `,` or `}` after the label value");
      }
    }
  }

  #readLabelName(): string {
    const start = this.position;
    this.#scanName(LABEL_CHAR, LABEL_START, "expected a label name or `}`");
    return this.#body.toString("latin1", start, this.position);
  }

  /** Moves over a name of bytes of the class `chars` that starts with one of the class `first`. */
  #scanName(chars: number, first: number, problem: string): void {
    if (this.position >= this.#end || ((BYTE_CLASS[this.#peek()] as number) & first) === 0) throw this.#error(problem);
    let p = this.position + 1;
    while (p < this.#end && ((BYTE_CLASS[this.#body[p] as number] as number) & chars) !== 0) p++;
    this.position = p;
  }

  /** A quoted text with `\\`, `\"` and `\n` undone; any other backslash stays as it is. */
  #readQuoted(): string {
    const start = this.position + 1;
    let hasEscape = false;
    let seen = 0;
    let p = start;
    for (; ; p++) {
      const byte = p < this.#end ? this.#body[p] : undefined;
      if (byte === QUOTE) break;
      seen |= byte ?? 0;
      if (byte === BACKSLASH) {
        hasEscape = true;
        seen |= this.#body[++p] ?? 0;
        if (this.#body[p] === NEWLINE) throw this.#error("expected no line end after a backslash", p);
      } else if (byte === undefined || (byte === NEWLINE && this.#openMetrics)) {
        throw this.#error("expected a closing quote to this one", start - 1);
      }
    }
    this.position = p + 1;
    const text = seen < 0x80 ? this.#ascii(start, p) : this.#decode(start, p);
    return hasEscape ? unescapeQuoted(text) : text;
  }

  #ascii(start: number, end: number): string {
    return this.#body.toString("latin1", start, end);
  }

  #decode(start: number, end: number): string {
    if (!isUtf8(this.#body.subarray(start, end))) throw this.#error("expected valid UTF-8", start);
    return this.#body.toString("utf8", start, end);
  }

  #checkUniqueNames(pairs: readonly string[]): void {
    const names = new Set<string>();
    for (let i = 0; i < pairs.length; i += 2) names.add(pairs[i] as string);
    if (names.size * 2 !== pairs.length) throw this.#error("expected every label name only once");
  }

  #readTextComment(): RecordKind {
    const body = this.#body;
    this.position++;
    const isMetadata = this.#skipBlanks() > 0 && (this.#startsWith("HELP") || this.#startsWith("TYPE"));
    const afterKeyword = body[this.position + 4];
    if (!isMetadata || (afterKeyword !== SPACE && afterKeyword !== 9)) {
      this.position = this.#lineEnd() + 1;
      return "blank";
    }
    const field = body[this.position] === 72 ? "help" : "type";
    this.position += 4;
    this.#skipBlanks();
    return this.#readMetadata(field);
  }

  #readOpenMetricsComment(): RecordKind {
    for (const field of ["help", "type", "unit"] as const) {
      if (!this.#startsWith(`# ${field.toUpperCase()} `)) continue;
      this.position += 7;
      return this.#readMetadata(field);
    }
    if (!this.#startsWith("# EOF")) throw this.#error("expected `# HELP`, `# TYPE`, `# UNIT` or `# EOF`");
    this.position += 5;
    this.#take(NEWLINE);
    if (this.position < this.#end) throw this.#error("expected nothing after `# EOF`");
    return "eof";
  }

  #readMetadata(field: MetadataRecord["field"]): RecordKind {
    const nameStart = this.position;
    let metric: string;
    if (this.#peek() === QUOTE) metric = this.#readQuoted();
    else {
      this.#scanName(METRIC_CHAR, LABEL_START | METRIC_START, `expected a metric name after ${field.toUpperCase()}`);
      metric = this.#body.toString("latin1", nameStart, this.position);
    }
    const lineEnd = this.#lineEnd();
    if (this.#openMetrics && (this.#peek() !== SPACE || lineEnd === this.#end)) {
      throw this.#error("expected a space and a text after the metric name");
    }
    // Exactly one byte divides name and text, as in Prometheus; further blanks belong to the text.
    const textStart = Math.min(this.position + 1, lineEnd);
    const text = this.#metadataText(field, metric, this.#decode(textStart, lineEnd));
    this.metadata = { metric, field, text };
    this.position = lineEnd + 1;
    return "metadata";
  }

  #metadataText(field: MetadataRecord["field"], metric: string, text: string): string {
    if (field === "help") return this.#openMetrics ? unescapeQuoted(text) : unescapeHelp(text);
    if (field === "unit") {
      if (text !== "" && !metric.endsWith(`_${text}`)) throw this.#error("expected the metric name to end in its unit");
      return text;
    }
    if (metricTypeOf(text, this.#openMetrics) === undefined) throw this.#error("expected a metric type");
    return text;
  }

  #atExemplar(): boolean {
    return this.#startsWith(" # {");
  }

  /** Takes the end of the line; only the text format may leave out the last one. */
  #atLineEnd(): boolean {
    if (this.position === this.#end) {
      if (this.#openMetrics) throw this.#error("expected `# EOF` at the end of the body");
      this.position++;
      return true;
    }
    return this.#take(NEWLINE);
  }

  #lineEnd(): number {
    const at = this.#body.indexOf(NEWLINE, this.position);
    return at < 0 ? this.#end : at;
  }

  #skipBlanks(): number {
    if (this.#openMetrics) return 0;
    const start = this.position;
    for (let byte = this.#peek(); byte === SPACE || byte === 9; byte = this.#peek()) this.position++;
    return this.position - start;
  }

  #startsWith(text: string): boolean {
    const { position } = this;
    return this.#body.toString("latin1", position, Math.min(position + text.length, this.#end)) === text;
  }

  #take(byte: number): boolean {
    if (this.#peek() !== byte) return false;
    this.position++;
    return true;
  }

  #expect(byte: number, problem: string): void {
    if (!this.#take(byte)) throw this.#error(problem);
  }

  /** The byte at the position, 0 at the end. */
  #peek(): number {
    return this.position < this.#end ? (this.#body[this.position] as number) : 0;
  }

  #error(problem: string, offset = this.position): ExpositionError {
    return expositionErrorAt(this.#body, offset, problem);
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

function unescapeQuoted(text: string): string {
  return text.replace(/\\([\\"n])/g, (_, escaped: string) => (escaped === "n" ? "\n" : escaped));
}

function unescapeHelp(text: string): string {
  return text.replace(/\\([\\n])/g, (_, escaped: string) => (escaped === "n" ? "\n" : escaped));
}
