import type { IncomingMessage } from "node:http";
import { createGunzip } from "node:zlib";

/** Status and headers decide; a body that dribbles must not hold a delivery up. */
const BODY_TIMEOUT_MS = 10_000;

/**
 * The body as far as it comes: up to the bound in bytes, the end of the connection, the signal or ten seconds. It never
 * rejects, because what the status says holds without the body.
 */
export async function readAnswerText(
  response: IncomingMessage,
  maxBytes: number,
  signal: AbortSignal,
): Promise<string> {
  const end = AbortSignal.any([signal, AbortSignal.timeout(BODY_TIMEOUT_MS)]);
  const isGzip = response.headers["content-encoding"]?.toLowerCase() === "gzip";
  const body = isGzip ? response.pipe(createGunzip()) : response;
  const stop = (): void => void body.destroy(new Error("the body was not waited for"));
  end.addEventListener("abort", stop, { once: true });
  response.once("error", stop);
  const chunks: Buffer[] = [];
  let length = 0;
  try {
    for await (const chunk of body) {
      const bytes = Buffer.from(chunk as Uint8Array);
      chunks.push(bytes);
      length += bytes.length;
      if (length >= maxBytes) break;
    }
  } catch {
    // Cut short: what came is what there is.
  } finally {
    end.removeEventListener("abort", stop);
    response.destroy();
  }
  return Buffer.concat(chunks).subarray(0, maxBytes).toString("utf8");
}
