import { pipeline, Readable } from "node:stream";
import { promisify } from "node:util";
import { constants, createGzip, gzip } from "node:zlib";
import type { FastifyReply, FastifyRequest } from "@monotreme/http";
import type { JsonPiece } from "./envelope.ts";

const CHUNK_BYTES = 128 * 1024;
/** Below this, compressing costs more than it saves. */
const SMALLEST_COMPRESSED_BYTES = 1400;
/** The fastest level: answers are large and repetitive, and the client is usually near. */
const GZIP = { level: constants.Z_BEST_SPEED };

const gzipWhole = promisify<Buffer, typeof GZIP, Buffer>(gzip);

/** What is counted of every answer. */
export interface AnswerMeter {
  readonly answerBytes: { inc(bytes: number): void };
}

/**
 * Answers JSON made piece by piece: small answers whole, large ones in chunks that are made when the client has taken
 * the ones before, so that an answer is never in memory at once. Compressed where the client takes gzip.
 */
export async function sendJson(
  request: FastifyRequest,
  reply: FastifyReply,
  pieces: Iterable<JsonPiece>,
  { answerBytes }: AnswerMeter,
): Promise<FastifyReply> {
  reply.header("Content-Type", "application/json").header("Vary", varyOf(reply));
  const isCompressed = acceptsGzip(request.headers["accept-encoding"]);
  const chunks = chunksOf(pieces, (bytes) => answerBytes.inc(bytes));
  const first = chunks.next().value ?? Buffer.alloc(0);
  const second = chunks.next();
  if (second.done === true) {
    if (!isCompressed || first.length < SMALLEST_COMPRESSED_BYTES) return reply.send(first);
    return reply.header("Content-Encoding", "gzip").send(await gzipWhole(first, GZIP));
  }
  const body = Readable.from(restored(first, second.value, chunks), { objectMode: false });
  if (!isCompressed) return reply.send(body);
  const compressor = createGzip(GZIP);
  // Fastify destroys what it was given when the client goes; the pipeline passes that on to the source.
  pipeline(body, compressor, () => undefined);
  return reply.header("Content-Encoding", "gzip").send(compressor);
}

function varyOf(reply: FastifyReply): string {
  const given = reply.getHeader("Vary");
  return typeof given === "string" && given !== "" ? `${given}, Accept-Encoding` : "Accept-Encoding";
}

function* restored(first: Buffer, second: Buffer, rest: Iterator<Buffer>): Generator<Buffer> {
  yield first;
  yield second;
  for (let next = rest.next(); next.done !== true; next = rest.next()) yield next.value;
}

/** Joins pieces into chunks of about 128 kB; larger pieces stay whole. */
function* chunksOf(pieces: Iterable<JsonPiece>, onBytes: (bytes: number) => void): Generator<Buffer, undefined> {
  let parts: Uint8Array[] = [];
  let size = 0;
  let text = "";
  const take = (): Buffer => {
    const chunk = Buffer.concat(text === "" ? parts : [...parts, Buffer.from(text)]);
    parts = [];
    size = 0;
    text = "";
    onBytes(chunk.length);
    return chunk;
  };
  for (const piece of pieces) {
    if (typeof piece === "string") text += piece;
    else {
      if (text !== "") parts.push(Buffer.from(text));
      size += text.length + piece.length;
      text = "";
      parts.push(piece);
    }
    if (size + text.length >= CHUNK_BYTES) yield take();
  }
  if (size + text.length > 0) yield take();
  return undefined;
}

/** Whether an `Accept-Encoding` header names gzip with a weight above 0. */
export function acceptsGzip(header: string | readonly string[] | undefined): boolean {
  const text = typeof header === "string" ? header : (header?.join(",") ?? "");
  return text.split(",").some((entry) => {
    const [name = "", ...parameters] = entry.split(";").map((part) => part.trim().toLowerCase());
    const weight = parameters.find((parameter) => parameter.startsWith("q="))?.slice(2);
    return name === "gzip" && (weight === undefined || Number(weight) > 0);
  });
}
