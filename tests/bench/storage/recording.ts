import { readFile, writeFile } from "node:fs/promises";
import { gunzipSync, gzipSync } from "node:zlib";
import { ByteReader, ByteWriter, packValues, unpackValues } from "@monotreme/blocks";

/** What one exporter answered, once a second: a column of values a series. */
export interface Recording {
  readonly names: readonly string[];
  readonly values: readonly Float64Array[];
  readonly seconds: number;
}

/** The hour of a real node_exporter that comes with the bench: names of metrics only, other labels are left out. */
export const NODE_EXPORTER = new URL("../recordings/node-exporter-2h.gz", import.meta.url);

/** Reads what `writeRecording` wrote. */
export async function readRecording(path: string | URL): Promise<Recording> {
  const bytes = gunzipSync(await readFile(path));
  const end = bytes.indexOf(10);
  const { names, seconds }: { names: string[]; seconds: number } = JSON.parse(bytes.toString("utf8", 0, end));
  const reader = new ByteReader(bytes, end + 1);
  const values = names.map(() => {
    const column = new Float64Array(seconds);
    unpackValues(bytes, reader, seconds, column, 0);
    return column;
  });
  return { names, values, seconds };
}

/** Writes a header line with the names, and the packed values of each series after it. */
export async function writeRecording(path: string | URL, { names, values, seconds }: Recording): Promise<void> {
  const writer = new ByteWriter();
  for (const column of values) packValues(column, 0, seconds, writer);
  const header = Buffer.from(`${JSON.stringify({ names, seconds })}\n`);
  await writeFile(path, gzipSync(Buffer.concat([header, writer.take()]), { level: 9 }));
}

/** Scrapes an exporter once a second and keeps the series that were there every time. */
export async function recordExporter(url: string, seconds: number): Promise<Recording> {
  const series = new Map<string, number[]>();
  const startedMs = Date.now();
  for (let second = 0; second < seconds; second++) {
    await new Promise((resolve) => setTimeout(resolve, startedMs + second * 1000 - Date.now()));
    addScrape(series, await (await fetch(url)).text());
    if (second % 60 === 59) console.log(`recorded ${second + 1} of ${seconds} s`);
  }
  return recordingOf(series, seconds);
}

/** Adds the values of one exposition, in the text format. */
export function addScrape(series: Map<string, number[]>, text: string): void {
  for (const line of text.split("\n")) {
    if (line === "" || line.startsWith("#")) continue;
    const space = line.lastIndexOf(" ");
    const key = line.slice(0, space);
    const values = series.get(key);
    if (values === undefined) series.set(key, [Number(line.slice(space + 1))]);
    else values.push(Number(line.slice(space + 1)));
  }
}

/** The series that have a value for every second. */
export function recordingOf(series: ReadonlyMap<string, readonly number[]>, seconds: number): Recording {
  const whole = [...series].filter(([, values]) => values.length === seconds);
  return {
    names: whole.map(([key]) => key.replace(/\{.*$/s, "")),
    values: whole.map(([, values]) => Float64Array.from(values)),
    seconds,
  };
}
