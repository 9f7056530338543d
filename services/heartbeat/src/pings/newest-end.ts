import type { Readable } from "node:stream";

/** The last bytes of a stream, up to a limit; what comes before is read and let go, however much it is. */
export async function newestEnd(stream: Readable, limitBytes: number): Promise<Uint8Array> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of stream) {
    const piece: Buffer = Buffer.isBuffer(chunk) ? chunk : Buffer.from(String(chunk));
    chunks.push(piece);
    bytes += piece.length;
    while (bytes - (chunks[0]?.length ?? 0) >= limitBytes && chunks.length > 1) {
      bytes -= chunks.shift()?.length ?? 0;
    }
  }
  const all = Buffer.concat(chunks, bytes);
  return all.length > limitBytes ? all.subarray(all.length - limitBytes) : all;
}
