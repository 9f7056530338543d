import { compareUtf8 } from "@monotreme/model";

const CHUNK = /\d+|\D+/g;
const DIGIT = /^\d/;

/**
 * Orders texts as a reader would: runs of digits by their number, all else by its bytes (`4m5` before `4m1000`).
 * Texts that differ only in leading zeros are ordered by their bytes.
 */
export function compareNatural(a: string, b: string): number {
  if (a === b) return 0;
  const left = a.match(CHUNK) ?? [];
  const right = b.match(CHUNK) ?? [];
  for (let i = 0; i < left.length && i < right.length; i++) {
    const order = compareChunks(left[i]!, right[i]!);
    if (order !== 0) return order;
  }
  return left.length - right.length || compareUtf8(a, b);
}

function compareChunks(a: string, b: string): number {
  if (!DIGIT.test(a) || !DIGIT.test(b)) return compareUtf8(a, b);
  const left = a.replace(/^0+/, "");
  const right = b.replace(/^0+/, "");
  // Numbers of any length: the longer is the larger.
  return left.length - right.length || compareUtf8(left, right);
}
