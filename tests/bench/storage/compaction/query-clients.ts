import { setTimeout as sleep } from "node:timers/promises";

/** What the clients have seen. */
export interface ClientFigures {
  readonly queries: number;
  readonly instantMs: readonly number[];
  readonly rangeMs: readonly number[];
}

/** Two clients that look at the newest data, one with instant queries and one with ranges, each at a steady pace. */
export class QueryClients {
  readonly #url: string;
  readonly #metric: string;
  readonly #paceMs: number;
  readonly #running: Promise<void>;
  #instantMs: number[] = [];
  #rangeMs: number[] = [];
  #isOver = false;

  constructor(url: string, metric: string, paceMs: number) {
    this.#url = url;
    this.#metric = metric;
    this.#paceMs = paceMs;
    this.#running = Promise.all([
      this.#repeat(async () => this.#instantMs.push(await this.#instant())),
      this.#repeat(async () => this.#rangeMs.push(await this.#range())),
    ]).then(() => undefined);
    // It is met by whoever ends them.
    this.#running.catch(() => undefined);
  }

  /** What was seen since the last call. */
  take(): ClientFigures {
    const [instantMs, rangeMs] = [this.#instantMs, this.#rangeMs];
    [this.#instantMs, this.#rangeMs] = [[], []];
    return { queries: instantMs.length + rangeMs.length, instantMs, rangeMs };
  }

  async end(): Promise<void> {
    this.#isOver = true;
    await this.#running;
  }

  async #repeat(once: () => Promise<unknown>): Promise<void> {
    while (!this.#isOver) {
      const nextMs = performance.now() + this.#paceMs;
      await once();
      await sleep(Math.max(0, nextMs - performance.now()));
    }
  }

  async #instant(): Promise<number> {
    const time = String(Date.now() / 1000);
    return this.#ask("query", { query: `sum by (instance) (rate(${this.#metric}[5m]))`, time });
  }

  async #range(): Promise<number> {
    const end = Math.floor(Date.now() / 15_000) * 15;
    const query = `sum by (job) (rate(${this.#metric}[2m]))`;
    return this.#ask("query_range", { query, start: String(end - 600), end: String(end), step: "15" });
  }

  async #ask(path: string, parameters: Record<string, string>): Promise<number> {
    const startedMs = performance.now();
    const search = new URLSearchParams({ ...parameters, nocache: "1" }).toString();
    const response = await fetch(`${this.#url}/api/v1/${path}?${search}`);
    const text = await response.text();
    if (!response.ok) throw new Error(`a query was answered ${response.status}: ${text.slice(0, 300)}`);
    if (text.includes('"result":[]')) throw new Error("a query on the newest data has found nothing");
    return performance.now() - startedMs;
  }
}
