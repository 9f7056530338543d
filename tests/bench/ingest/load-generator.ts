import { readFileSync } from "node:fs";
import { Agent, request } from "node:http";
import type { LoadFile } from "./load-file.ts";

/** A process of its own: sends a load file to `url`, each connection one request at a time, and prints its report. */
export interface LoadReport {
  readonly startedAtMs: number;
  readonly endedAtMs: number;
  /** Epoch ms of each connection's answers, in order. */
  readonly answeredAtMs: readonly (readonly number[])[];
  readonly slowestAnswerMs: number;
  readonly failures: number;
  readonly firstFailure: string | undefined;
  readonly cpuSeconds: number;
}

const [url = "", describedBy = ""] = process.argv.slice(2);
const load = JSON.parse(readFileSync(describedBy, "utf8")) as LoadFile;
const bytes = readFileSync(load.path);
let failures = 0;
let firstFailure: string | undefined;
let slowestAnswerMs = 0;

const startedAtMs = Date.now();
const answeredAtMs = await Promise.all(load.requests.map((ranges) => sendAll(ranges)));
const { user, system } = process.cpuUsage();
const report: LoadReport = {
  startedAtMs,
  endedAtMs: Date.now(),
  answeredAtMs,
  slowestAnswerMs,
  failures,
  firstFailure,
  cpuSeconds: (user + system) / 1e6,
};
process.stdout.write(JSON.stringify(report));

async function sendAll(ranges: LoadFile["requests"][number]): Promise<number[]> {
  const agent = new Agent({ keepAlive: true, maxSockets: 1 });
  const answers: number[] = [];
  for (const [start, end] of ranges) {
    const sentAt = performance.now();
    const answer = await send(agent, bytes.subarray(start, end));
    slowestAnswerMs = Math.max(slowestAnswerMs, performance.now() - sentAt);
    answers.push(Date.now());
    if (answer !== undefined) {
      failures++;
      firstFailure ??= answer;
    }
  }
  agent.destroy();
  return answers;
}

/** The fault, or undefined where the answer was 2xx. */
async function send(agent: Agent, body: Uint8Array): Promise<string | undefined> {
  return new Promise((resolve) => {
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
      response.on("end", () => {
        const status = response.statusCode ?? 0;
        resolve(status >= 200 && status < 300 ? undefined : `${status} ${Buffer.concat(chunks).toString()}`);
      });
      response.on("error", (error) => resolve(error.message));
    });
    sending.on("error", (error) => resolve(error.message));
    sending.end(body);
  });
}
