import type { LoadReport } from "./load-generator.ts";
import { queryVector } from "./prometheus-query.ts";
import { pause } from "./system-under-test.ts";

/** Up to which request each connection's samples were seen by a query that ended at `atMs`. */
interface Sighting {
  readonly atMs: number;
  readonly visible: ReadonlyMap<string, number>;
}

/** Asks again and again how far each connection's requests are visible; the time of its answers is the resolution. */
export class VisibilityPoller {
  readonly #url: string;
  readonly #timeMs: number;
  readonly #intervalMs: number;
  readonly #sightings: Sighting[] = [];
  #isStopped = false;
  #polling: Promise<void> | undefined;

  constructor(url: string, timeMs: number, intervalMs: number) {
    this.#url = url;
    this.#timeMs = timeMs;
    this.#intervalMs = intervalMs;
  }

  start(): void {
    if (this.#intervalMs > 0) this.#polling = this.#poll();
  }

  async stop(): Promise<void> {
    this.#isStopped = true;
    await this.#polling;
  }

  /** From each request's answer until it was seen, sorted; undefined where something was never seen. */
  delaysMs(report: LoadReport): readonly number[] | undefined {
    const delays: number[] = [];
    for (const [connection, answers] of report.answeredAtMs.entries()) {
      let sighting = 0;
      for (const [request, answeredAtMs] of answers.entries()) {
        while ((this.#sightings[sighting]?.visible.get(String(connection)) ?? -1) < request) {
          if (++sighting >= this.#sightings.length) return undefined;
        }
        delays.push(Math.max(0, (this.#sightings[sighting]?.atMs ?? 0) - answeredAtMs));
      }
    }
    return delays.sort((a, b) => a - b);
  }

  async #poll(): Promise<void> {
    while (!this.#isStopped) {
      try {
        const visible = await queryVector(this.#url, "bench_probe", this.#timeMs);
        this.#sightings.push({ atMs: Date.now(), visible });
      } catch {
        // A query that fails while the system is busy shows nothing; the next one will.
      }
      await pause(this.#intervalMs);
    }
  }
}
