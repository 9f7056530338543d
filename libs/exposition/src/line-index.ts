import { type LineTable, sameBytes } from "./line-table.ts";

/** Of this process only, so that no target can prepare series that all hash alike. */
const SEED = Math.floor(Math.random() * 2 ** 32) | 0;

const SMALLEST_LENGTH = 128;

/** Finds sample lines of a {@link LineTable} by kind and series text: an open-addressed hash table of line numbers. */
export class LineIndex {
  readonly #table: LineTable;
  /** Line number + 1, or 0 for a free place. */
  #places = new Int32Array(SMALLEST_LENGTH);
  #size = 0;

  constructor(table: LineTable) {
    this.#table = table;
  }

  clear(): void {
    if (this.#places.length > SMALLEST_LENGTH) this.#places = new Int32Array(SMALLEST_LENGTH);
    else if (this.#size > 0) this.#places.fill(0);
    this.#size = 0;
  }

  /** Makes room for that many lines in all, so that adding them moves none. */
  reserve(count: number): void {
    let length = this.#places.length;
    while (length <= count * 2) length *= 2;
    if (length > this.#places.length) this.#rebuild(length);
  }

  /** Adds a sample line of the table; of lines with the same series the first is found. */
  add(line: number): void {
    if (this.#size * 2 >= this.#places.length) this.#rebuild(this.#places.length * 4);
    this.#size++;
    this.#insert(line);
  }

  /** The line with that kind and series text, or -1. */
  find(kind: number, view: DataView, start: number, length: number): number {
    const { starts, ends, kinds, view: own } = this.#table;
    const mask = this.#places.length - 1;
    for (let place = hashOf(kind, view, start, length) & mask; ; place = (place + 1) & mask) {
      const line = (this.#places[place] as number) - 1;
      if (line < 0) return -1;
      const lineStart = starts[line] as number;
      if (kinds[line] === kind && (ends[line] as number) - lineStart === length) {
        if (sameBytes(own, lineStart, view, start, length)) return line;
      }
    }
  }

  #insert(line: number): void {
    const { starts, ends, kinds, view } = this.#table;
    const start = starts[line] as number;
    const mask = this.#places.length - 1;
    let place = hashOf(kinds[line] as number, view, start, (ends[line] as number) - start) & mask;
    while (this.#places[place] !== 0) place = (place + 1) & mask;
    this.#places[place] = line + 1;
  }

  #rebuild(length: number): void {
    // Rising line numbers keep the first of two equal lines the first.
    const lines = this.#places.filter((line) => line !== 0).sort();
    this.#places = new Int32Array(length);
    for (const line of lines) this.#insert(line - 1);
  }
}

/** MurmurHash3's mixing (32 bits) over four bytes a step. */
function hashOf(kind: number, view: DataView, start: number, length: number): number {
  let hash = SEED ^ kind;
  let i = 0;
  for (const wide = length - 3; i < wide; i += 4) hash = mix(hash, view.getInt32(start + i, true));
  let rest = length;
  for (; i < length; i++) rest = Math.imul(rest, 257) + view.getUint8(start + i);
  hash = mix(hash, rest);
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
  return hash ^ (hash >>> 16);
}

function mix(hash: number, word: number): number {
  const scrambled = Math.imul(word, 0xcc9e2d51);
  const mixed = hash ^ Math.imul((scrambled << 15) | (scrambled >>> 17), 0x1b873593);
  return (Math.imul((mixed << 13) | (mixed >>> 19), 5) + 0xe6546b64) | 0;
}
