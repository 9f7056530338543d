/** Where lines go; the two streams of a process fit. */
interface LineSink {
  write(text: string): unknown;
}

/** Turns pino's JSON lines into logfmt, the form that Prometheus' users read and grep: `time=… level=info msg="…"`. */
export class LogfmtDestination {
  readonly #sink: LineSink;

  constructor(sink: LineSink) {
    this.#sink = sink;
  }

  write(line: string): void {
    this.#sink.write(`${logfmtOf(line)}\n`);
  }
}

function logfmtOf(line: string): string {
  const record: unknown = JSON.parse(line);
  if (typeof record !== "object" || record === null) return line;
  const { time, level, service, component, msg, ...rest } = record as Record<string, unknown>;
  const fields: [string, unknown][] = [
    ["time", time],
    ["level", typeof level === "string" ? level.toUpperCase() : level],
    ["service", service],
    ["component", component],
    ["msg", msg],
    ...Object.entries(rest),
  ];
  return fields
    .filter(([, value]) => value !== undefined)
    .map(([key, value]) => `${key}=${quoteIfNeeded(textOf(value))}`)
    .join(" ");
}

function textOf(value: unknown): string {
  if (typeof value === "string") return value;
  if (typeof value === "object" && value !== null && "message" in value) return String(value.message);
  return JSON.stringify(value) ?? "";
}

function quoteIfNeeded(text: string): string {
  return /^[\w.:/@%+-]+$/.test(text) ? text : JSON.stringify(text);
}
