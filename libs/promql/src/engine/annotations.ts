import { formatFloat } from "@monotreme/model";
import type { PositionRange } from "../ast.ts";

/**
 * The warnings and infos of one query, each text once, in order of appearance. Texts end with the line and column of
 * their expression, counted from 1, where the query's text is known.
 */
export class Annotations {
  readonly #text: string | undefined;
  readonly #warnings = new Set<string>();
  readonly #infos = new Set<string>();

  constructor(queryText: string | undefined) {
    this.#text = queryText;
  }

  warn(message: string, position: PositionRange): void {
    this.#warnings.add(`PromQL warning: ${message}${this.#suffix(position)}`);
  }

  inform(message: string, position: PositionRange): void {
    this.#infos.add(`PromQL info: ${message}${this.#suffix(position)}`);
  }

  /** At most `limit` texts, then one that says how many were left out; 0 = all. */
  warnings(limit: number): string[] {
    return limited(this.#warnings, limit, "warning");
  }

  infos(limit: number): string[] {
    return limited(this.#infos, limit, "info");
  }

  #suffix(position: PositionRange): string {
    if (this.#text === undefined) return "";
    const before = this.#text.slice(0, position.start);
    const lineStart = before.lastIndexOf("\n") + 1;
    const line = before.split("\n").length;
    return ` (${line}:${position.start - lineStart + 1})`;
  }
}

function limited(texts: ReadonlySet<string>, limit: number, noun: string): string[] {
  const all = [...texts];
  if (limit === 0 || all.length <= limit) return all;
  return [...all.slice(0, limit), `${all.length - limit} more ${noun} annotations omitted`];
}

/** A name in Go's double quotes, as annotations and errors show it. */
export function quoted(text: string): string {
  return JSON.stringify(text);
}

/** A float in an annotation. */
export function shownFloat(value: number): string {
  return formatFloat(value);
}
