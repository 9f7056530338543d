import { pipeline, Readable } from "node:stream";
import { promisify } from "node:util";
import { constants, createDeflate, createGzip, deflate, gzip } from "node:zlib";
import type { FastifyReply, FastifyRequest } from "@monotreme/http";
import { isAsync, type JsonPiece, type JsonPieces } from "./envelope.ts";
import { JsonChunks } from "./json-chunks.ts";

/** Below this, compressing costs more than it saves. */
const SMALLEST_COMPRESSED_BYTES = 1400;
/** The fastest level: answers are large and repetitive, and the client is usually near. */
const FASTEST = { level: constants.Z_BEST_SPEED };

/** In the order of our preference. */
const CODINGS = [
  { name: "gzip", whole: promisify<Buffer, typeof FASTEST, Buffer>(gzip), stream: createGzip },
  { name: "deflate", whole: promisify<Buffer, typeof FASTEST, Buffer>(deflate), stream: createDeflate },
] as const;

/** What is counted of every answer. */
export interface AnswerMeter {
  readonly answerBytes: { inc(bytes: number): void };
}

/**
 * Answers JSON made piece by piece: small answers whole, large ones in chunks that are made when the client has taken
 * the ones before, so that an answer is never in memory at once. Compressed where the client takes gzip or deflate.
 */
export async function sendJson(
  request: FastifyRequest,
  reply: FastifyReply,
  pieces: JsonPieces,
  { answerBytes }: AnswerMeter,
): Promise<FastifyReply> {
  reply.header("Content-Type", "application/json").header("Vary", varyOf(reply));
  const coding = CODINGS.find(({ name }) => accepts(request.headers["accept-encoding"], name));
  const chunks = isAsync(pieces) ? chunksOfAsync(pieces) : chunksOf(pieces);
  const first = (await chunks.next()).value ?? Buffer.alloc(0);
  answerBytes.inc(first.length);
  const second = await chunks.next();
  if (second.done === true) {
    if (coding === undefined || first.length < SMALLEST_COMPRESSED_BYTES) return reply.send(first);
    return reply.header("Content-Encoding", coding.name).send(await coding.whole(first, FASTEST));
  }
  const body = Readable.from(restored(first, second.value, chunks, answerBytes), { objectMode: false });
  if (coding === undefined) return reply.send(body);
  const compressor = coding.stream(FASTEST);
  // Fastify destroys what it was given when the client goes; the pipeline passes that on to the source.
  pipeline(body, compressor, () => undefined);
  return reply.header("Content-Encoding", coding.name).send(compressor);
}

function varyOf(reply: FastifyReply): string {
  const given = reply.getHeader("Vary");
  return typeof given === "string" && given !== "" ? `${given}, Accept-Encoding` : "Accept-Encoding";
}

async function* restored(
  first: Buffer,
  second: Buffer,
  rest: Iterator<Buffer, undefined> | AsyncIterator<Buffer, undefined>,
  answerBytes: AnswerMeter["answerBytes"],
): AsyncGenerator<Buffer> {
  try {
    yield first;
    answerBytes.inc(second.length);
    yield second;
    for (let next = await rest.next(); next.done !== true; next = await rest.next()) {
      answerBytes.inc(next.value.length);
      yield next.value;
    }
  } finally {
    // Where the client leaves, whoever makes the pieces is to know.
    await rest.return?.();
  }
}

function* chunksOf(pieces: Iterable<JsonPiece>): Generator<Buffer, undefined> {
  const chunks = new JsonChunks();
  for (const piece of pieces) {
    const chunk = chunks.add(piece);
    if (chunk !== undefined) yield chunk;
  }
  const rest = chunks.rest();
  if (rest !== undefined) yield rest;
  return undefined;
}

async function* chunksOfAsync(pieces: AsyncIterable<JsonPiece>): AsyncGenerator<Buffer, undefined> {
  const chunks = new JsonChunks();
  for await (const piece of pieces) {
    const chunk = chunks.add(piece);
    if (chunk !== undefined) yield chunk;
  }
  const rest = chunks.rest();
  if (rest !== undefined) yield rest;
  return undefined;
}

/** Whether an `Accept-Encoding` header names gzip with a weight above 0. */
export function acceptsGzip(header: string | readonly string[] | undefined): boolean {
  return accepts(header, "gzip");
}

function accepts(header: string | readonly string[] | undefined, encoding: string): boolean {
  const text = typeof header === "string" ? header : (header?.join(",") ?? "");
  return text.split(",").some((entry) => {
    const [name = "", ...parameters] = entry.split(";").map((part) => part.trim().toLowerCase());
    const weight = parameters.find((parameter) => parameter.startsWith("q="))?.slice(2);
    return name === encoding && (weight === undefined || Number(weight) > 0);
  });
}
