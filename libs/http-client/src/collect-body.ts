import type { IncomingMessage } from "node:http";
import { createGunzip } from "node:zlib";
import { HttpClientError } from "./http-client-error.ts";
import { translateNetworkError } from "./translate-network-error.ts";

/** Reads a whole body, unpacked if it is gzip; ends the connection as soon as there is more than allowed. */
export async function collectBody(response: IncomingMessage, maxBytes: number, signal: AbortSignal): Promise<Buffer> {
  const isGzip = response.headers["content-encoding"]?.toLowerCase() === "gzip";
  const unpack = isGzip ? createGunzip() : undefined;
  if (unpack !== undefined) {
    // A broken connection has to end the unpacked stream as well.
    response.once("error", (error) => unpack.destroy(error));
    response.pipe(unpack);
  }
  const chunks: Buffer[] = [];
  let length = 0;
  try {
    for await (const chunk of unpack ?? response) {
      const bytes = Buffer.from(chunk as Uint8Array);
      length += bytes.length;
      if (length > maxBytes) throw new HttpClientError("body-size", `the answer is longer than ${maxBytes} bytes`);
      chunks.push(bytes);
    }
  } catch (error) {
    throw translateNetworkError(error, signal);
  } finally {
    response.destroy();
    unpack?.destroy();
  }
  return Buffer.concat(chunks, length);
}
