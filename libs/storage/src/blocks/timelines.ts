import { unpackTimes } from "@monotreme/blocks";

interface Node {
  readonly times: Float64Array;
  readonly following: Map<Float64Array, Node>;
  /** All timestamps up to this node. */
  whole: Float64Array | undefined;
  /** The same with what follows from rows; the last few only. */
  readonly extended: { readonly tail: Float64Array; readonly whole: Float64Array }[];
}

const EMPTY = new Float64Array();
/** Rows of different targets follow the same chunks where their scrapes fell together; more than this is no reuse. */
const MAX_EXTENDED = 4;

/**
 * Timestamps of series that were scraped together are one array for all of them: less to hold, and what is computed
 * from them is computed once. Nobody may change what this hands out.
 */
export class Timelines {
  readonly #unpacked = new Map<string, Float64Array>();
  readonly #root: Node = newNode(EMPTY);

  /** The timestamps of one chunk; the same object for the same bytes. */
  unpack(bytes: Uint8Array, startMs: number): Float64Array {
    const key = `${startMs}/${Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString("latin1")}`;
    let times = this.#unpacked.get(key);
    if (times === undefined) this.#unpacked.set(key, (times = unpackTimes(bytes, startMs)));
    return times;
  }

  /** Several chunks' timestamps one after the other, and those of rows behind them. */
  join(pieces: readonly Float64Array[], tail: Float64Array = EMPTY): Float64Array {
    let node = this.#root;
    for (const times of pieces) {
      let next = node.following.get(times);
      if (next === undefined) node.following.set(times, (next = newNode(times)));
      node = next;
    }
    node.whole ??= pieces.length === 1 ? node.times : concatenate(pieces);
    if (tail.length === 0) return node.whole;
    for (const known of node.extended) if (isEqual(known.tail, tail)) return known.whole;
    const whole = concatenate([node.whole, tail]);
    node.extended.unshift({ tail, whole });
    if (node.extended.length > MAX_EXTENDED) node.extended.pop();
    return whole;
  }
}

function newNode(times: Float64Array): Node {
  return { times, following: new Map(), whole: undefined, extended: [] };
}

function concatenate(pieces: readonly Float64Array[]): Float64Array {
  const whole = new Float64Array(pieces.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const piece of pieces) {
    whole.set(piece, at);
    at += piece.length;
  }
  return whole;
}

function isEqual(a: Float64Array, b: Float64Array): boolean {
  if (a.length !== b.length) return false;
  for (let i = a.length - 1; i >= 0; i--) if (a[i] !== b[i]) return false;
  return true;
}
