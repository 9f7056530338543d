import { readFile } from "node:fs/promises";
import { Agent, request } from "node:http";
import { queryVector } from "../ingest/prometheus-query.ts";
import { pause } from "../ingest/system-under-test.ts";
import type { QueryLoad } from "./query-load.ts";

const CONNECTIONS = 4;
const STABLE_MS = 20_000;

/** Sends a load slice by slice, waits until it is visible to queries, and answers how many samples are not. */
export async function sendQueryLoad(url: string, load: QueryLoad): Promise<number> {
  const bytes = await readFile(load.path);
  const agent = new Agent({ keepAlive: true, maxSockets: CONNECTIONS });
  try {
    for (const ranges of load.slices) {
      const rest = ranges.values();
      const sendRest = async (): Promise<void> => {
        for (const [start, end] of rest) await sendUntilTaken(url, agent, bytes.subarray(start, end));
      };
      await Promise.all(Array.from({ length: CONNECTIONS }, sendRest));
    }
  } finally {
    agent.destroy();
  }
  return countMissing(url, load);
}

/** Asks until nothing is missing, or the count no longer changes. */
async function countMissing(url: string, load: QueryLoad): Promise<number> {
  let seen = -1;
  for (let changedAtMs = Date.now(); seen !== load.samples && Date.now() - changedAtMs < STABLE_MS; ) {
    const counts = await queryVector(url, `sum(count_over_time({__name__=~"bench_.+"}[25h]))`, load.endMs);
    const count = counts.get("") ?? 0;
    if (count !== seen) changedAtMs = Date.now();
    seen = count;
    if (seen !== load.samples) await pause(500);
  }
  return load.samples - seen;
}

/** A server that is full says 503; a sender tries again. */
async function sendUntilTaken(url: string, agent: Agent, body: Uint8Array): Promise<void> {
  for (let attempt = 1; ; attempt++) {
    const { status, text } = await send(`${url}/api/v1/write`, agent, body);
    if (status >= 200 && status < 300) return;
    if (status !== 503 || attempt === 50) throw new Error(`a write was answered ${status}: ${text}`);
    await pause(200);
  }
}

async function send(url: string, agent: Agent, body: Uint8Array): Promise<{ status: number; text: string }> {
  return new Promise((resolve, reject) => {
    const headers = {
      "Content-Type": "application/x-protobuf",
      "Content-Encoding": "snappy",
      "Content-Length": body.length,
      "X-Prometheus-Remote-Write-Version": "0.1.0",
      "User-Agent": "monotreme-bench",
    };
    const sending = request(url, { method: "POST", agent, headers }, (response) => {
      const chunks: Buffer[] = [];
      response.on("data", (chunk: Buffer) => chunks.push(chunk));
      response.on("end", () =>
        resolve({ status: response.statusCode ?? 0, text: Buffer.concat(chunks).toString().slice(0, 500) }),
      );
      response.on("error", reject);
    });
    sending.on("error", reject);
    sending.end(body);
  });
}
