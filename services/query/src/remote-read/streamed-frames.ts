import { encodeChunkedSeries, encodeReadFrame, type ReadSeries } from "@monotreme/remote-write";

/** As upstream's `--storage.remote.read-max-bytes-in-frame`. */
const MAX_FRAME_BYTES = 1024 * 1024;

/** The frames of a streamed answer, made one by one. */
export function* streamedFrames(results: readonly (readonly ReadSeries[])[]): Generator<Uint8Array> {
  for (const [queryIndex, result] of results.entries()) {
    for (const series of result) {
      for (const message of encodeChunkedSeries(series, queryIndex, MAX_FRAME_BYTES)) yield encodeReadFrame(message);
    }
  }
}
