import { compareUtf8 } from "@monotreme/model";
import type { LabelSet } from "./alert.ts";

const OFFSET_HIGH = 0xcbf29ce4;
const OFFSET_LOW = 0x84222325;
/** The 64-bit FNV prime is 2^40 + 0x1b3. */
const PRIME_LOW = 0x1b3;
const SEPARATOR = 0xff;

const encoder = new TextEncoder();

/** FNV-1a (64 bits) over the sorted labels as upstream computes it, in 16 hexadecimal digits. */
export function fingerprintOf(labels: LabelSet): string {
  const hash = { high: OFFSET_HIGH, low: OFFSET_LOW };
  for (const name of Object.keys(labels).sort(compareUtf8)) {
    addText(hash, name);
    addByte(hash, SEPARATOR);
    addText(hash, labels[name] ?? "");
    addByte(hash, SEPARATOR);
  }
  return `${hex(hash.high)}${hex(hash.low)}`;
}

interface Hash {
  high: number;
  low: number;
}

function addText(hash: Hash, text: string): void {
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i);
    if (code > 0x7f) {
      for (const byte of encoder.encode(text.slice(i))) addByte(hash, byte);
      return;
    }
    addByte(hash, code);
  }
}

function addByte(hash: Hash, byte: number): void {
  const low = (hash.low ^ byte) >>> 0;
  const bottom = (low & 0xffff) * PRIME_LOW;
  const middle = (low >>> 16) * PRIME_LOW + (bottom >>> 16);
  hash.low = (((middle & 0xffff) << 16) | (bottom & 0xffff)) >>> 0;
  hash.high = (Math.imul(hash.high, PRIME_LOW) + (middle >>> 16) + (low << 8)) >>> 0;
}

function hex(word: number): string {
  return word.toString(16).padStart(8, "0");
}
