import { encodeWriteRequest, compressSnappy } from "@monotreme/remote-write";
import { fleetTargets, type FleetShape, type FleetTarget } from "./fleet.ts";
import type { Recording } from "./recording.ts";

const SAMPLES_PER_REQUEST = 20_000;
const CONNECTIONS = 4;
const MAX_ATTEMPTS = 100;

/** Prometheus takes nothing that is more than an hour older than the newest sample of all. */
const SLICE_SECONDS = 1800;

/** Sends all samples by remote write, half an hour of all targets after the other; answers how many there are. */
export async function sendFleet(url: string, recording: Recording, shape: FleetShape): Promise<number> {
  const targets = [...fleetTargets(recording, shape)];
  const scrapes = targets[0]?.timestamps.length ?? 0;
  const perSlice = Math.ceil(SLICE_SECONDS / shape.intervalSeconds);
  for (let from = 0; from < scrapes; from += perSlice) {
    for (const target of targets) await sendSlice(url, target, from, Math.min(from + perSlice, scrapes));
  }
  return targets.reduce((sum, { timestamps, series }) => sum + timestamps.length * series.length, 0);
}

async function sendSlice(url: string, { timestamps, series }: FleetTarget, from: number, until: number): Promise<void> {
  const timestampsMs = [...timestamps.subarray(from, until)];
  const perRequest = Math.max(1, Math.floor(SAMPLES_PER_REQUEST / timestampsMs.length));
  const bodies: Uint8Array[] = [];
  for (let at = 0; at < series.length; at += perRequest) {
    const part = series.slice(at, at + perRequest);
    const request = part.map(({ labels, values }) => ({ labels, timestampsMs, values: values.subarray(from, until) }));
    bodies.push(compressSnappy(encodeWriteRequest(request)));
  }
  const rest = bodies.values();
  const sendRest = async (): Promise<void> => {
    for (const body of rest) await sendUntilTaken(`${url}/api/v1/write`, body);
  };
  await Promise.all(Array.from({ length: CONNECTIONS }, sendRest));
}

async function sendUntilTaken(url: string, body: Uint8Array): Promise<void> {
  const headers = {
    "Content-Type": "application/x-protobuf",
    "Content-Encoding": "snappy",
    "X-Prometheus-Remote-Write-Version": "0.1.0",
  };
  for (let attempt = 1; ; attempt++) {
    const response = await fetch(url, { method: "POST", headers, body: Buffer.from(body) });
    const text = await response.text();
    if (response.ok) return;
    if (response.status !== 503 || attempt === MAX_ATTEMPTS) {
      throw new Error(`a write was answered ${response.status}: ${text.slice(0, 300)}`);
    }
    await new Promise((resolve) => setTimeout(resolve, 200));
  }
}
