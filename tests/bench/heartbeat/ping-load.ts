import { Agent, request } from "node:http";

export interface PingLoadOptions {
  readonly baseUrl: string;
  readonly ids: readonly string[];
  readonly perSecond: number;
  readonly seconds: number;
}

export interface PingLoadResult {
  /** From the moment at which each was due to be sent, so that a server that falls behind is not spared. */
  readonly latenciesMs: readonly number[];
  /** By status, `0` for those without an answer. */
  readonly statuses: ReadonlyMap<number, number>;
  readonly tookMs: number;
}

const MAX_SOCKETS = 200;
const TICK_MS = 5;
const BODY = "the job says this at its end: 42 files, 0 errors\n".repeat(4);

/** Pings checks in turn at a steady rate, whether answers come or not; every other ping has a body. */
export async function sendPings({ baseUrl, ids, perSecond, seconds }: PingLoadOptions): Promise<PingLoadResult> {
  const agent = new Agent({ keepAlive: true, maxSockets: MAX_SOCKETS });
  const total = perSecond * seconds;
  const latenciesMs: number[] = [];
  const statuses = new Map<number, number>();
  const under = new Set<Promise<void>>();
  const startMs = performance.now();
  for (let sent = 0; sent < total; ) {
    const due = Math.min(total, Math.floor(((performance.now() - startMs) / 1000) * perSecond));
    for (; sent < due; sent++) {
      const dueMs = startMs + (sent / perSecond) * 1000;
      const body = sent % 2 === 0 ? "" : BODY;
      const ping = sendPing(agent, `${baseUrl}/ping/${ids[sent % ids.length]}`, body).then((status) => {
        statuses.set(status, (statuses.get(status) ?? 0) + 1);
        latenciesMs.push(performance.now() - dueMs);
        under.delete(ping);
      });
      under.add(ping);
    }
    await new Promise((resolve) => setTimeout(resolve, TICK_MS));
  }
  await Promise.all(under);
  agent.destroy();
  return { latenciesMs: latenciesMs.toSorted((a, b) => a - b), statuses, tookMs: performance.now() - startMs };
}

/** Resolves to the answer's status. */
async function sendPing(agent: Agent, url: string, body: string): Promise<number> {
  return new Promise((resolve) => {
    const sent = request(url, { agent, method: body === "" ? "GET" : "POST" }, (response) => {
      response.resume();
      response.on("end", () => resolve(response.statusCode ?? 0));
    });
    sent.on("error", () => resolve(0));
    sent.end(body);
  });
}
