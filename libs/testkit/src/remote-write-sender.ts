import { Agent, request } from "node:http";
import { setTimeout as sleep } from "node:timers/promises";

const FIRST_BACKOFF_MS = 30;
const MAX_BACKOFF_MS = 1_000;
const ANSWER_TIMEOUT_MS = 60_000;
/** A test must end. */
const GIVE_UP_MS = 120_000;

interface Answer {
  readonly status: number;
  /** Nothing of the request was taken: it was refused before it was looked at, or there was no connection. */
  readonly isUntouched: boolean;
  readonly retryAfterMs: number | undefined;
  readonly text: string;
}

export interface RemoteWriteSenderOptions {
  /** The whole address, `/api/v1/write` included. */
  readonly url: string;
  /** Other addresses of the same service: whenever one does not take a request, the next one is asked. */
  readonly otherUrls?: readonly string[];
  /** The shards: each is sent over a connection of its own, in order, one request at a time. Compressed bodies. */
  readonly shards: readonly (Iterable<Uint8Array> | AsyncIterable<Uint8Array>)[];
}

/**
 * Sends as a real sender does: keeps the order within a shard, repeats what was answered with 5xx or 429 or not at all
 * (backoff from 30 ms to 1 s, or as Retry-After says), and drops nothing. Any other answer is a failure, and so is one
 * request that is not taken within two minutes.
 */
export class RemoteWriteSender {
  readonly #options: RemoteWriteSenderOptions;
  #answered = 0;
  #repeats = 0;
  #uncertain = 0;
  #isStopped = false;

  constructor(options: RemoteWriteSenderOptions) {
    this.#options = options;
  }

  /** Requests that were answered 2xx. */
  get answered(): number {
    return this.#answered;
  }

  /** Attempts that had to be made again. */
  get repeats(): number {
    return this.#repeats;
  }

  /** Attempts that had to be made again and may have been taken, wholly or in part: what they carried may be there twice. */
  get uncertain(): number {
    return this.#uncertain;
  }

  /** Resolves when everything was answered 2xx, or after `stop`. Bodies are taken from the shards as they are needed. */
  async run(): Promise<void> {
    await Promise.all(this.#options.shards.map(async (bodies) => this.#sendShard(bodies)));
  }

  /** Ends `run` once every request that was begun is answered: what was sent is then exactly what was answered. */
  stop(): void {
    this.#isStopped = true;
  }

  async #sendShard(bodies: Iterable<Uint8Array> | AsyncIterable<Uint8Array>): Promise<void> {
    const agent = new Agent({ keepAlive: true, maxSockets: 1 });
    try {
      for await (const body of bodies) {
        await this.#sendUntilTaken(agent, body);
        if (this.#isStopped) return;
      }
    } finally {
      agent.destroy();
    }
  }

  async #sendUntilTaken(agent: Agent, body: Uint8Array): Promise<void> {
    const giveUpAtMs = Date.now() + GIVE_UP_MS;
    const urls = [this.#options.url, ...(this.#options.otherUrls ?? [])];
    let attempt = 0;
    for (let backoffMs = FIRST_BACKOFF_MS; ; backoffMs = Math.min(MAX_BACKOFF_MS, backoffMs * 2)) {
      const answer = await post(urls[attempt++ % urls.length] ?? "", agent, body);
      if (answer.status >= 200 && answer.status < 300) {
        this.#answered += 1;
        return;
      }
      if (answer.status >= 300 && answer.status < 500 && answer.status !== 429) {
        throw new Error(`the write was refused: ${answer.status} ${answer.text}`);
      }
      if (Date.now() > giveUpAtMs) throw new Error(`not taken within ${GIVE_UP_MS} ms: ${answer.text}`);
      this.#repeats += 1;
      if (!answer.isUntouched) this.#uncertain += 1;
      // Somebody else may take it at once.
      if (attempt % urls.length === 0) await sleep(answer.retryAfterMs ?? backoffMs);
    }
  }
}

const NO_ANSWER: Answer = { status: 0, isUntouched: false, retryAfterMs: undefined, text: "no answer" };

/** The status is 0 where no whole answer came. */
async function post(url: string, agent: Agent, body: Uint8Array): Promise<Answer> {
  return new Promise((resolve) => {
    const headers = {
      "Content-Type": "application/x-protobuf",
      "Content-Encoding": "snappy",
      "Content-Length": body.length,
      "X-Prometheus-Remote-Write-Version": "0.1.0",
    };
    const sending = request(url, { method: "POST", agent, headers, timeout: ANSWER_TIMEOUT_MS }, (response) => {
      let text = "";
      response.setEncoding("utf8").on("data", (chunk: string) => (text += chunk));
      const retryAfter = Number(response.headers["retry-after"]);
      const retryAfterMs = Number.isFinite(retryAfter) ? retryAfter * 1000 : undefined;
      const isUntouched = response.headers["x-prometheus-stopping"] !== undefined;
      response.on("end", () => resolve({ status: response.statusCode ?? 0, isUntouched, retryAfterMs, text }));
      response.on("error", () => resolve(NO_ANSWER));
    });
    sending.on("timeout", () => sending.destroy());
    sending.on("error", (error: NodeJS.ErrnoException) => {
      resolve({ ...NO_ANSWER, isUntouched: error.code === "ECONNREFUSED" });
    });
    sending.end(body);
  });
}
