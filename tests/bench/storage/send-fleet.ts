import { encodeWriteRequest, compressSnappy } from "@monotreme/remote-write";
import { fleetTargets, type FleetShape } from "./fleet.ts";
import type { Recording } from "./recording.ts";

const SAMPLES_PER_REQUEST = 20_000;
const CONNECTIONS = 4;
const MAX_ATTEMPTS = 100;

/** Sends all samples by remote write, each series in order; answers how many there are. */
export async function sendFleet(url: string, recording: Recording, shape: FleetShape): Promise<number> {
  let samples = 0;
  for (const { timestamps, series } of fleetTargets(recording, shape)) {
    const perRequest = Math.max(1, Math.floor(SAMPLES_PER_REQUEST / timestamps.length));
    const bodies: Uint8Array[] = [];
    for (let at = 0; at < series.length; at += perRequest) {
      const part = series.slice(at, at + perRequest);
      bodies.push(
        compressSnappy(
          encodeWriteRequest(part.map(({ labels, values }) => ({ labels, timestampsMs: [...timestamps], values }))),
        ),
      );
      samples += part.length * timestamps.length;
    }
    const rest = bodies.values();
    const sendRest = async (): Promise<void> => {
      for (const body of rest) await sendUntilTaken(`${url}/api/v1/write`, body);
    };
    await Promise.all(Array.from({ length: CONNECTIONS }, sendRest));
  }
  return samples;
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
