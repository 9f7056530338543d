/** Where a command writes; a line is replaced in place on a terminal, and written now and then elsewhere. */
export interface Terminal {
  line(text: string): void;
  /** Shows how far something is: `ratio` from 0 to 1. */
  progress(label: string, ratio: number): void;
  /** The progress is over; what follows stands on lines of its own. */
  endProgress(): void;
}

/** The part of a stream that a terminal needs. */
export interface TextStream {
  readonly isTTY?: boolean | undefined;
  readonly columns?: number | undefined;
  write(text: string): unknown;
}

const BAR_WIDTH = 30;
const REDRAW_MS = 100;
const LINE_EVERY_MS = 5000;

/** Writes to a stream; bars are drawn only where somebody looks at them. */
export function createTerminal(stream: TextStream, now: () => number): Terminal {
  let drawn = "";
  let writtenMs = -Infinity;
  const clear = (): void => {
    if (drawn !== "") stream.write("\r\u001b[2K");
    drawn = "";
  };
  return {
    line: (text) => {
      clear();
      stream.write(`${text}\n`);
    },
    progress: (label, ratio) => {
      const isTerminal = stream.isTTY === true;
      if (now() - writtenMs < (isTerminal ? REDRAW_MS : LINE_EVERY_MS)) return;
      writtenMs = now();
      const text = `${label} ${progressBar(ratio)}`;
      if (!isTerminal) stream.write(`${label} ${percent(ratio)}\n`);
      else {
        clear();
        drawn = text.slice(0, Math.max(20, (stream.columns ?? 100) - 1));
        stream.write(drawn);
      }
    },
    endProgress: () => {
      clear();
      writtenMs = -Infinity;
    },
  };
}

/** `████████░░░░ 66%`. */
export function progressBar(ratio: number): string {
  const full = Math.round(Math.min(1, Math.max(0, ratio)) * BAR_WIDTH);
  return `${"█".repeat(full)}${"░".repeat(BAR_WIDTH - full)} ${percent(ratio)}`;
}

/** Columns side by side, each as wide as its widest cell; numbers to the right. */
export function renderTable(header: readonly string[], rows: readonly (readonly string[])[]): string[] {
  const widths = header.map((title, i) => Math.max(title.length, ...rows.map((row) => (row[i] ?? "").length)));
  const isNumber = header.map(
    (_, i) => rows.length > 0 && rows.every((row) => /^[\d.,]*( ?[kKMGTP]?i?B?)?$/.test(row[i] ?? "")),
  );
  const render = (cells: readonly string[]): string =>
    cells
      .map((cell, i) => (isNumber[i] === true ? cell.padStart(widths[i] ?? 0) : cell.padEnd(widths[i] ?? 0)))
      .join("  ")
      .trimEnd();
  return [render(header), ...rows.map(render)];
}

/** Bytes for people: `12.3 MiB`. */
export function humanBytes(bytes: number): string {
  const units = ["B", "KiB", "MiB", "GiB", "TiB", "PiB"];
  let value = bytes;
  let unit = 0;
  while (value >= 1024 && unit < units.length - 1) {
    value /= 1024;
    unit++;
  }
  return `${unit === 0 ? value : value.toFixed(1)} ${units[unit]}`;
}

/** A count for people: `1.2M`. */
export function humanCount(count: number): string {
  if (count < 10_000) return String(count);
  if (count < 1e6) return `${(count / 1e3).toFixed(1)}k`;
  return count < 1e9 ? `${(count / 1e6).toFixed(1)}M` : `${(count / 1e9).toFixed(2)}G`;
}

function percent(ratio: number): string {
  return `${Math.floor(Math.min(1, Math.max(0, ratio)) * 100)}%`;
}
