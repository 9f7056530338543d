import { Readable } from "node:stream";
import { AppError } from "@monotreme/errors";
import type { FastifyInstance } from "@monotreme/http";
import {
  compressSnappy,
  decodeReadRequest,
  encodeReadResponse,
  type ReadSeries,
  SnappyReader,
} from "@monotreme/remote-write";
import type { RawReads } from "../raw-reads/raw-reads.ts";
import { readQueries } from "../remote-read/read-queries.ts";
import { streamedFrames } from "../remote-read/streamed-frames.ts";
import { boundedSignal, type RouteContext, tenantOf } from "./route-context.ts";

/** Requests hold a few matchers. */
const MAX_BODY_BYTES = 4 * 2 ** 20;

/** In one piece, samples stand in memory four times over; streamed answers have the limit of queries. */
const MAX_SAMPLES_IN_ONE_PIECE = 5_000_000;

const SAMPLES_TYPE = "application/x-protobuf";
const STREAMED_TYPE = "application/x-streamed-protobuf; proto=prometheus.ChunkedReadResponse";

/**
 * `POST /api/v1/read`: remote read 1.0. Answers in the first form that the client names and we know: all samples in one
 * snappy block, or frames of XOR chunks, which are made as the client takes them. Native histograms come as samples.
 */
export async function addRemoteReadRoute(app: FastifyInstance, context: RouteContext, reads: RawReads): Promise<void> {
  await app.register(async (binary) => {
    binary.removeAllContentTypeParsers();
    const options = { parseAs: "buffer", bodyLimit: MAX_BODY_BYTES } as const;
    binary.addContentTypeParser("*", options, async (_request: unknown, body: Buffer) => body);
    binary.post("/api/v1/read", async (request, reply) => {
      const { queries, acceptedTypes } = decodeReadRequest(
        new SnappyReader(MAX_BODY_BYTES).uncompress(bodyOf(request.body)),
      );
      const signal = boundedSignal(reply, context);
      const leave = await reads.gate.enter(signal);
      try {
        const source = context.storage.samples(tenantOf(request), { maxSeries: context.limits.maxSeries });
        const externalLabels = reads.externalLabels();
        const [type = "samples"] = acceptedTypes;
        const { maxSamples } = context.limits;
        const results = await readQueries(source, queries, {
          externalLabels,
          maxSamples: type === "samples" ? Math.min(maxSamples, MAX_SAMPLES_IN_ONE_PIECE) : maxSamples,
          signal,
        });
        const isStreamed = type === "streamed-xor-chunks" && !results.some((result) => result.some(hasHistograms));
        if (!isStreamed && type !== "samples" && !acceptedTypes.includes("samples")) throw histogramError();
        if (isStreamed) {
          return await reply.type(STREAMED_TYPE).send(Readable.from(streamedFrames(results), { objectMode: true }));
        }
        const answer = compressSnappy(encodeReadResponse(results));
        return await reply.type(SAMPLES_TYPE).header("Content-Encoding", "snappy").send(Buffer.from(answer));
      } finally {
        leave();
      }
    });
  });
}

function hasHistograms({ histograms }: ReadSeries): boolean {
  return histograms?.some((histogram) => histogram !== undefined) ?? false;
}

/** Prometheus' own client takes both forms. */
function histogramError(): AppError {
  const text = "the series hold native histograms, which only the response type SAMPLES carries here";
  return new AppError("REMOTE_READ_HISTOGRAMS", "invalid", text);
}

function bodyOf(body: unknown): Uint8Array {
  if (body instanceof Uint8Array) return body;
  throw new AppError("REMOTE_READ_NO_BODY", "invalid", "the request has no body");
}
