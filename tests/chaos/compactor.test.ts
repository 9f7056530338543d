import { WINDOW_MS } from "@monotreme/blocks";
import { Labels, Matcher } from "@monotreme/model";
import { createTemporaryFolder, eventually } from "@monotreme/testkit";
import { afterAll, beforeAll, expect, test } from "vitest";
import { CompactorFixture } from "../integration/compactor-fixture.ts";
import type { FixtureSample } from "../integration/storage-fixture.ts";
import { RoleProcess } from "./role-process.ts";

const START_MS = Math.floor(Date.UTC(2026, 5, 1) / WINDOW_MS) * WINDOW_MS;
const WINDOWS = [0, 1, 2].map((number) => START_MS + number * WINDOW_MS);
const SERIES = 400;
const KILLS = 10;
const RANGE = [START_MS, START_MS + WINDOWS.length * WINDOW_MS] as const;

class CompactorProcess extends RoleProcess {
  static async start(fixture: CompactorFixture): Promise<CompactorProcess> {
    const compactor = new CompactorProcess("compactor", await createTemporaryFolder("compactor"), [
      `--nats.url=${fixture.servers.nats.url}`,
      `--clickhouse.url=${fixture.servers.clickhouse.url}`,
      "--compactor.delay=0s",
      "--compactor.late-delay=0s",
      "--compactor.grace=1s",
      "--compactor.interval=100ms",
      "--compactor.lease-ttl=1s",
    ]);
    await compactor.restart();
    return compactor;
  }

  /** Stops it as a machine that hangs does, until `proceed`. */
  hang(): void {
    if (this.pid !== undefined) process.kill(this.pid, "SIGSTOP");
  }

  proceed(): void {
    if (this.pid !== undefined) process.kill(this.pid, "SIGCONT");
  }
}

/** Says which samples there must be, and hands out the next ones: new, late and repeated. */
class Writer {
  readonly written = new Map<string, Set<number>>();
  readonly #metric: string;
  #round = 0;

  constructor(metric: string) {
    this.#metric = metric;
  }

  next(): FixtureSample[] {
    const round = this.#round++;
    const samples: FixtureSample[] = [];
    for (const [w, windowMs] of WINDOWS.entries()) {
      for (let i = 0; i < SERIES; i++) {
        // Most series get something, each time of another place in the window; some the same again.
        if ((i + round) % 3 === w) continue;
        const minute = i % 10 === 0 ? 1 : ((round * 37 + w) % 120) + 1;
        samples.push(this.#sample(i, windowMs + minute * 60_000));
      }
    }
    return samples;
  }

  #sample(i: number, timestampMs: number): FixtureSample {
    const labels = Labels.fromObject({ __name__: this.#metric, i: String(i) });
    const times = this.written.get(labels.key) ?? new Set<number>();
    times.add(timestampMs);
    this.written.set(labels.key, times);
    return { labels, timestampMs, value: (timestampMs / 1000) * (i + 1) };
  }

  get total(): number {
    return [...this.written.values()].reduce((sum, { size }) => sum + size, 0);
  }
}

let fixture: CompactorFixture;
let compactor: CompactorProcess;

beforeAll(async () => {
  fixture = await CompactorFixture.start();
  compactor = await CompactorProcess.start(fixture);
});
afterAll(async () => {
  await compactor?.stop();
  await fixture?.stop();
});

async function readAll(metric: string): Promise<Map<string, readonly string[]>> {
  return fixture.read([new Matcher("=", "__name__", metric)], ...RANGE);
}

async function countRead(metric: string): Promise<number> {
  const read = await readAll(metric);
  return [...read.values()].reduce((sum, { length }) => sum + length, 0);
}

test("a compactor that is killed again and again loses and doubles nothing while samples come late", async () => {
  const writer = new Writer("killed");
  for (let kill = 0; kill < KILLS; kill++) {
    const killed = new Promise((resolve) => setTimeout(resolve, 100 + Math.random() * 1500)).then(async () =>
      compactor.kill(),
    );
    for (let i = 0; i < 3; i++) await fixture.write(writer.next());
    expect(await countRead("killed")).toBe(writer.total);
    await killed;
    expect(await countRead("killed")).toBe(writer.total);
    await compactor.restart();
  }
  await eventually(async () => (await fixture.rows()) === 0, { timeoutMs: 60_000, intervalMs: 200 });
  const read = await readAll("killed");
  expect(read.size).toBe(SERIES);
  for (const [key, times] of writer.written) {
    const timestamps = (read.get(key) ?? []).map((text) => Number(text.split(" ")[0]));
    expect(timestamps, key).toEqual([...times].toSorted((a, b) => a - b));
  }
  const ready = await fixture.number("SELECT count() FROM blocks FINAL WHERE resolution = 0 AND state = 'ready'");
  expect(ready).toBeGreaterThanOrEqual(WINDOWS.length);
});

test("a compactor that hangs until others have its blocks spoils nothing when it goes on", async () => {
  const writer = new Writer("hung");
  const other = await CompactorProcess.start(fixture);
  try {
    for (let round = 0; round < 4; round++) {
      const [hung, free] = round % 2 === 0 ? [compactor, other] : [other, compactor];
      await fixture.write(writer.next());
      await new Promise((resolve) => setTimeout(resolve, Math.random() * 1000));
      hung.hang();
      // Longer than a lease, and than rows stay.
      for (let i = 0; i < 3; i++) {
        await fixture.write(writer.next());
        await new Promise((resolve) => setTimeout(resolve, 1000));
        expect(await countRead("hung")).toBe(writer.total);
      }
      hung.proceed();
      expect(free.output()).not.toContain("fatal");
    }
    await eventually(async () => (await fixture.rows()) === 0, { timeoutMs: 60_000, intervalMs: 200 });
    expect(await countRead("hung")).toBe(writer.total);
  } finally {
    other.proceed();
    compactor.proceed();
    await other.stop();
  }
});
