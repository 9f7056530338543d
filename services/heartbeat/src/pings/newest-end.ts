import type { IncomingMessage } from "node:http";

const NOTHING = new Uint8Array();

/** The last bytes of a request's body, up to a limit; what comes before is read and let go, however much it is. */
export async function newestEnd(request: IncomingMessage, limitBytes: number): Promise<Uint8Array> {
  const { "content-length": length, "transfer-encoding": encoding } = request.headers;
  if (encoding === undefined && (length === undefined || length === "0")) return NOTHING;
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = [];
    let bytes = 0;
    request.on("data", (chunk: Buffer) => {
      chunks.push(chunk);
      bytes += chunk.length;
      while (bytes - (chunks[0]?.length ?? 0) >= limitBytes && chunks.length > 1) {
        bytes -= chunks.shift()?.length ?? 0;
      }
    });
    request.on("end", () => {
      const all = chunks.length === 1 && chunks[0] !== undefined ? chunks[0] : Buffer.concat(chunks, bytes);
      resolve(all.length > limitBytes ? all.subarray(all.length - limitBytes) : all);
    });
    request.on("error", reject);
    request.on("close", () => {
      if (!request.readableEnded) reject(Object.assign(new Error("the sender went away"), { statusCode: 400 }));
    });
  });
}
