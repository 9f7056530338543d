import { isLegacyLabelName, isLegacyMetricName } from "@monotreme/model";
import { formatBound } from "./bound-label.ts";
import { ExpositionError } from "./exposition-error.ts";

/** Labels of one histogram stand in every line of its buckets, so a small body can become a large text. */
const MAX_TEXT_BYTES = 256 * 1024 * 1024;
const CHUNK_LENGTH = 64 * 1024;

/** Writes series as OpenMetrics lines that all have the value 0. Throws {@link ExpositionError} above 256 MB of text. */
export class SeriesLines {
  readonly #chunks: Buffer[] = [];
  #text = "";
  #sizeBytes = 0;
  /** Labels as they were written last: all lines of a histogram have the same. */
  #pairs: readonly string[] | undefined;
  #labels = "";

  /** Begins a family; help and unit are left out where they are empty or say nothing. */
  family(name: string, help: string, type: string, unit: string): void {
    const shown = isLegacyMetricName(name) ? name : quote(name);
    if (help !== "") this.#line(`# HELP ${shown} ${escape(help)}`);
    this.#line(`# TYPE ${shown} ${type}`);
    if (unit !== "" && name.endsWith(`_${unit}`) && !/\s/.test(unit)) this.#line(`# UNIT ${shown} ${unit}`);
  }

  /** One series: its name, names and values of its labels in turn, and perhaps a bound as a further label. */
  series(name: string, pairs: readonly string[], bound?: readonly [string, number]): void {
    if (pairs !== this.#pairs) {
      this.#pairs = pairs;
      this.#labels = labelsText(pairs);
    }
    const last = bound === undefined ? "" : `${bound[0]}="${formatBound(bound[1])}"`;
    const isLegacy = isLegacyMetricName(name);
    const parts = [isLegacy ? "" : quote(name), this.#labels, last].filter((part) => part !== "");
    const braces = parts.length === 0 ? "" : `{${parts.join(",")}}`;
    this.#line(`${isLegacy ? name : ""}${braces} 0`);
  }

  /** The whole text. */
  finish(): Buffer {
    this.#line("# EOF");
    this.#flush();
    return Buffer.concat(this.#chunks);
  }

  #line(line: string): void {
    this.#text += `${line}\n`;
    if (this.#text.length > CHUNK_LENGTH) this.#flush();
  }

  #flush(): void {
    const chunk = Buffer.from(this.#text);
    this.#text = "";
    this.#sizeBytes += chunk.length;
    if (this.#sizeBytes > MAX_TEXT_BYTES) {
      throw new ExpositionError("EXPOSITION_INVALID", "the body names too many series with too many labels");
    }
    this.#chunks.push(chunk);
  }
}

function labelsText(pairs: readonly string[]): string {
  const parts: string[] = [];
  for (let i = 0; i < pairs.length; i += 2) {
    const [name = "", value = ""] = [pairs[i], pairs[i + 1]];
    parts.push(`${isLegacyLabelName(name) ? name : quote(name)}=${quote(value)}`);
  }
  return parts.join(",");
}

function quote(text: string): string {
  return `"${escape(text)}"`;
}

function escape(text: string): string {
  return text.replace(/[\\"\n]/g, (char) => (char === "\n" ? "\\n" : `\\${char}`));
}
