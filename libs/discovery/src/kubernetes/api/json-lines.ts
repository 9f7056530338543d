import { KubernetesApiError } from "./kubernetes-api-error.ts";
import { type JsonObject, objectOf } from "../objects/json-value.ts";

const NEWLINE = 0x0a;

/**
 * Splits a stream of bytes into its lines, each a JSON object; empty lines are passed over. What follows the last
 * newline is no line: the connection broke in it. Rejects at a line that is no JSON or longer than `maxBytes`.
 */
export async function* readJsonLines(
  chunks: AsyncIterable<Uint8Array>,
  maxBytes: number,
): AsyncGenerator<JsonObject, void, undefined> {
  let parts: Uint8Array[] = [];
  let length = 0;
  for await (const chunk of chunks) {
    let start = 0;
    for (let end = chunk.indexOf(NEWLINE); end >= 0; end = chunk.indexOf(NEWLINE, start)) {
      const line = Buffer.concat([...parts, chunk.subarray(start, end)]);
      parts = [];
      length = 0;
      start = end + 1;
      checkLength(line.length, maxBytes);
      if (line.some((byte) => byte > 0x20)) yield parseLine(line);
    }
    if (start < chunk.length) {
      parts.push(chunk.subarray(start));
      length += chunk.length - start;
      checkLength(length, maxBytes);
    }
  }
}

function checkLength(length: number, maxBytes: number): void {
  if (length > maxBytes) throw new KubernetesApiError(`a watch event is longer than ${maxBytes} bytes`, 0);
}

function parseLine(line: Buffer): JsonObject {
  try {
    const parsed: unknown = JSON.parse(line.toString("utf8"));
    return objectOf(parsed);
  } catch (error) {
    throw new KubernetesApiError("a watch event is no JSON", 0, 0, error);
  }
}
