import { wordsOf } from "@monotreme/model";
import type { SampleColumns } from "../better-sample.ts";

/** Both in one time order, equal timestamps beside each other; neither is changed, and values keep their bits. */
export function mergeSamples(a: SampleColumns, b: SampleColumns): SampleColumns {
  const length = a.timestamps.length + b.timestamps.length;
  const timestamps = new Float64Array(length);
  const values = new Float64Array(length);
  const words = wordsOf(values);
  const wordsA = wordsOf(a.values);
  const wordsB = wordsOf(b.values);
  let inA = 0;
  let inB = 0;
  for (let at = 0; at < length; at++) {
    const isFromA =
      inB >= b.timestamps.length || (inA < a.timestamps.length && a.timestamps[inA]! <= b.timestamps[inB]!);
    const source = isFromA ? wordsA : wordsB;
    const index = isFromA ? inA++ : inB++;
    timestamps[at] = (isFromA ? a : b).timestamps[index]!;
    words[at * 2] = source[index * 2]!;
    words[at * 2 + 1] = source[index * 2 + 1]!;
  }
  return { timestamps, values };
}
