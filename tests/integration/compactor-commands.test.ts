import { fileURLToPath } from "node:url";
import { WINDOW_MS } from "@monotreme/blocks";
import { Labels, Matcher } from "@monotreme/model";
import { eventually, startProgram } from "@monotreme/testkit";
import { afterAll, beforeAll, expect, test } from "vitest";
import { CompactorFixture } from "./compactor-fixture.ts";

const MONOTREME_SCRIPT = fileURLToPath(new URL("../../tools/monotreme.mjs", import.meta.url));
const START_MS = Math.floor(Date.UTC(2026, 5, 1) / WINDOW_MS) * WINDOW_MS;

let fixture: CompactorFixture;

beforeAll(async () => {
  fixture = await CompactorFixture.start();
});
afterAll(async () => {
  await fixture?.stop();
});

/** Runs `monotreme blocks …` on the fixture's servers. */
async function blocks(
  ...args: readonly string[]
): Promise<{ readonly code: number | string; readonly output: string }> {
  const { nats, clickhouse } = fixture.servers;
  const urls = [`--clickhouse.url=${clickhouse.url}`, `--nats.url=${nats.url}`];
  const program = await startProgram(process.execPath, [MONOTREME_SCRIPT, "blocks", ...args, ...urls]);
  const code = await program.exited();
  return { code, output: program.output() };
}

async function write(value: number): Promise<void> {
  await fixture.write(
    Array.from({ length: 240 }, (_, i) => ({
      labels: Labels.fromObject({ __name__: "up", instance: `i${i % 2}` }),
      timestampMs: START_MS + (Math.floor(i / 2) + 1) * 60_000,
      value: value + i,
    })),
  );
}

async function read(): Promise<Map<string, readonly string[]>> {
  return fixture.read([new Matcher("=", "__name__", "up")], START_MS, START_MS + WINDOW_MS);
}

test("blocks - compact makes what there is, list shows it, verify finds it in order, rebuild changes nothing", async () => {
  await write(0);
  const before = await read();
  expect(await blocks("list")).toMatchObject({ code: 0, output: expect.stringContaining("no blocks") });
  const compacted = await blocks("compact");
  expect(compacted).toMatchObject({ code: 0, output: expect.stringContaining("3 blocks made") });
  const listed = await blocks("list", "--resolution=raw");
  expect(listed.code).toBe(0);
  expect(listed.output).toMatch(/^raw +2026-06-01T00:00Z +ready +\d+ +2 +240 /m);
  expect(listed.output).toMatch(/^5m: 1 ready; 48 in /m);
  expect(await blocks("verify")).toMatchObject({
    code: 0,
    output: expect.stringContaining("3 blocks, 292 samples and buckets, no faults"),
  });
  for (const resolution of ["raw", "5m", "1h"]) {
    const rebuilt = await blocks("rebuild", `--resolution=${resolution}`);
    expect(rebuilt, rebuilt.output).toMatchObject({ code: 0, output: expect.stringContaining("1 blocks made") });
  }
  expect(await read()).toEqual(before);
});

test("blocks - verify names the series of a damaged chunk and what the catalog says otherwise", async () => {
  await write(5);
  expect((await blocks("compact")).code).toBe(0);
  await fixture.clickhouse.command("ALTER TABLE samples DELETE WHERE 1 SETTINGS mutations_sync = 2");
  const [series] = await fixture.clickhouse.queryRows("SELECT toString(series_id) AS id FROM raw_chunks LIMIT 1");
  await fixture.clickhouse.command(
    `ALTER TABLE raw_chunks UPDATE data = [255] WHERE series_id = ${String(series?.["id"])} SETTINGS mutations_sync = 2`,
  );
  const verified = await blocks("verify", "--resolution=raw");
  expect(verified.code).toBe(1);
  expect(verified.output).toContain(`/${String(series?.["id"])}: a chunk of a block is not readable`);
  expect(verified.output).toContain("1 faults");
});

test("blocks - faults of the command line are told in words", async () => {
  const f = async (args: readonly string[], words: string): Promise<void> => {
    const { code, output } = await blocks(...args);
    expect(code, args.join(" ")).toBe(1);
    expect(output).toContain(words);
    expect(output).not.toMatch(/\n +at /);
  };
  await f(["list", "--resolution=2m"], "expected one of raw, 5m, 1h");
  await f(["list", "--start=yesterday"], "expected RFC 3339 or epoch seconds");
  await f(["rebuild"], "rebuild needs --resolution");
  await f(["burn"], "Usage:");
});

test("blocks - the API of the compactor tells the same", async () => {
  const program = await startProgram(
    process.execPath,
    [
      MONOTREME_SCRIPT,
      "compactor",
      `--clickhouse.url=${fixture.servers.clickhouse.url}`,
      `--nats.url=${fixture.servers.nats.url}`,
      "--web.listen-address=127.0.0.1:0",
      "--log.format=json",
    ],
    { readyPattern: /"msg":"ready"/, startTimeoutMs: 60_000 },
  );
  try {
    const url = /"address":"(http:[^"]+)"[^\n]*"msg":"ready"/.exec(program.output())?.[1] ?? "";
    const response = await fetch(`${url}/api/v1/status/blocks?resolution=5m&state=ready&start=2026-06-01T01:00:00Z`);
    expect(await response.json()).toMatchObject({
      status: "success",
      data: {
        blocks: [
          {
            resolution: "5m",
            state: "ready",
            start: "2026-06-01T00:00:00.000Z",
            end: "2026-06-02T00:00:00.000Z",
            samples: 48,
          },
        ],
        setAside: 0,
      },
    });
    const refused = await fetch(`${url}/api/v1/status/blocks?state=lost`);
    expect(refused.status).toBe(400);
    await eventually(async () => {
      const text = await (await fetch(`${url}/metrics`)).text();
      return text.includes('monotreme_compactor_blocks{resolution="raw",state="ready"} 1');
    });
  } finally {
    expect(await program.stop()).toBe(0);
  }
});
