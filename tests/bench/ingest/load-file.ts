import { open } from "node:fs/promises";
import { Labels } from "@monotreme/model";
import { compressSnappy, encodeWriteRequest } from "@monotreme/remote-write";
import type { IngestBenchOptions } from "./bench-options.ts";

const STEP_MS = 15_000;

/** A load on disk: the bodies one after another, and for each connection the byte ranges of its requests in order. */
export interface LoadFile {
  readonly path: string;
  readonly requests: readonly (readonly (readonly [start: number, end: number])[])[];
  readonly samples: number;
  readonly bytes: number;
  /** The newest timestamp; queries are asked at this time. */
  readonly endMs: number;
}

/**
 * Encodes the whole load before anything is measured. Each connection carries its share of the series, step by step
 * as a sender's shard does; the targets of a step are out of phase. Every request ends with a sample of
 * `bench_probe{connection}` whose value is the request's number, so that a query shows how far a connection is visible.
 */
export async function writeLoadFile(path: string, options: IngestBenchOptions): Promise<LoadFile> {
  const file = await open(path, "w");
  const endMs = Date.now();
  const requests: [number, number][][] = [];
  let bytes = 0;
  try {
    for (let connection = 0; connection < options.connections; connection++) {
      const ranges: [number, number][] = [];
      for (const body of bodiesOf(connection, endMs, options)) {
        await file.write(body);
        ranges.push([bytes, bytes + body.length]);
        bytes += body.length;
      }
      requests.push(ranges);
    }
  } finally {
    await file.close();
  }
  return { path, requests, samples: options.series * options.samplesPerSeries, bytes, endMs };
}

function* bodiesOf(connection: number, endMs: number, options: IngestBenchOptions): IterableIterator<Uint8Array> {
  const series: EncodedSeries[] = [];
  for (let id = connection; id < options.series; id += options.connections) series.push(new EncodedSeries(id));
  const startMs = endMs - options.samplesPerSeries * STEP_MS - 1000;
  let messages: Uint8Array[] = [];
  let number = 0;
  for (let step = 0; step < options.samplesPerSeries; step++) {
    for (const one of series) {
      messages.push(one.at(startMs + step * STEP_MS));
      if (messages.length < options.samplesPerRequest) continue;
      yield finish(messages, connection, number++, endMs);
      messages = [];
    }
  }
  if (messages.length > 0) yield finish(messages, connection, number, endMs);
}

function finish(messages: readonly Uint8Array[], connection: number, number: number, endMs: number): Uint8Array {
  const probe = encodeWriteRequest([
    {
      labels: Labels.fromObject({ __name__: "bench_probe", job: "probe", connection: String(connection) }),
      // A minute back and one ms a request: rising, and never beyond the time of the queries.
      timestampsMs: [endMs - 60_000 + number],
      values: Float64Array.of(number),
    },
  ]);
  return compressSnappy(Buffer.concat([...messages, probe]));
}

/** A series whose labels are encoded once; its values walk like a gauge's. */
class EncodedSeries {
  readonly #phaseMs: number;
  readonly #template: Buffer;
  #value: number;

  constructor(id: number) {
    const labels = Labels.fromObject({
      __name__: `bench_http_requests_${id % 50}_total`,
      job: "bench",
      instance: `host-${String(id % 200).padStart(4, "0")}.example.com:9100`,
      region: `eu-west-${id % 3}`,
      zone: `zone-${id % 7}`,
      namespace: "production",
      pod: `api-server-${String(id).padStart(6, "0")}`,
      container: "api",
      handler: `/api/v1/resource/${id % 20}`,
      code: String(200 + (id % 5)),
    });
    this.#phaseMs = ((id % 200) * 7919) % STEP_MS;
    this.#value = (id % 1000) + 1;
    // Both columns take their full width, so the two numbers can be written over in place.
    this.#template = Buffer.from(
      encodeWriteRequest([{ labels, timestampsMs: [1_700_000_000_000], values: Float64Array.of(1) }]),
    );
  }

  /** The encoded field of the request with this series' next sample. */
  at(stepMs: number): Uint8Array {
    const message = Buffer.from(this.#template);
    this.#value += Math.floor(Math.random() * 10);
    message.writeDoubleLE(this.#value, message.length - 15);
    let rest = stepMs + this.#phaseMs;
    for (let i = message.length - 6; i < message.length; i++) {
      message[i] = (rest % 128) + (i === message.length - 1 ? 0 : 128);
      rest = Math.floor(rest / 128);
    }
    return message;
  }
}
