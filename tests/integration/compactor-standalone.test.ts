import { fileURLToPath } from "node:url";
import { WINDOW_MS } from "@monotreme/blocks";
import { Labels } from "@monotreme/model";
import { compressSnappy, encodeWriteRequest } from "@monotreme/remote-write";
import {
  askApi,
  countStoredSamples,
  embeddedClickHouseUrl,
  eventually,
  queryValue,
  RemoteWriteSender,
  startProgram,
  startStandalone,
  type TestStandalone,
} from "@monotreme/testkit";
import { afterAll, beforeAll, expect, test } from "vitest";

const MONOTREME_SCRIPT = fileURLToPath(new URL("../../tools/monotreme.mjs", import.meta.url));
/** The last whole window but one: nothing of it comes any more. */
const START_MS = (Math.floor(Date.now() / WINDOW_MS) - 2) * WINDOW_MS;
const SERIES = 100;
const STEPS = 120;

let standalone: TestStandalone;

beforeAll(async () => {
  standalone = await startStandalone({
    args: [
      "--compactor.delay=0s",
      "--compactor.late-delay=0s",
      // Readers trust for a minute that a window has no chunks yet.
      "--compactor.grace=65s",
      "--compactor.interval=500ms",
    ],
  });
});
afterAll(async () => {
  await standalone?.stop();
});

function body(name: string): Uint8Array {
  const series = Array.from({ length: SERIES }, (_, i) => ({
    labels: Labels.fromObject({ __name__: name, i: String(i) }),
    timestampsMs: Array.from({ length: STEPS }, (__, step) => START_MS + (step + 1) * 60_000),
    values: Float64Array.from({ length: STEPS }, (__, step) => step * (i + 1)),
  }));
  return compressSnappy(encodeWriteRequest(series));
}

interface Status {
  readonly blocks: readonly { readonly resolution: string; readonly state: string; readonly samples: number }[];
}

async function ready(): Promise<readonly string[]> {
  const { blocks } = await askApi<Status>(`${standalone.url}/api/v1/status/blocks?state=ready`);
  return blocks.map(({ resolution, samples }) => `${resolution} ${samples}`);
}

test("standalone - what was written becomes blocks, and queries answer the same before, meanwhile and after", async () => {
  const endSeconds = (START_MS + WINDOW_MS) / 1000;
  const ask = async (): Promise<readonly (number | undefined)[]> => [
    await queryValue(standalone.url, "sum(sum_over_time(load[2h]))", endSeconds),
    await queryValue(standalone.url, "sum(count_over_time(load[2h]))", endSeconds),
    await queryValue(standalone.url, "sum(increase(load[1h]))", endSeconds),
  ];
  await new RemoteWriteSender({ url: `${standalone.url}/api/v1/write`, shards: [[body("load")]] }).run();
  await eventually(async () => (await ask())[1] === SERIES * STEPS);
  const first = await ask();
  const clickhouseUrl = await embeddedClickHouseUrl(standalone.storagePath);
  await eventually(
    async () => {
      expect(await ask()).toEqual(first);
      return (await ready()).includes(`raw ${SERIES * STEPS}`) && (await countStoredSamples(clickhouseUrl)).rows === 0;
    },
    { timeoutMs: 110_000, intervalMs: 500 },
  );
  expect(await ask()).toEqual(first);
  expect(await ready()).toEqual(
    expect.arrayContaining([`raw ${SERIES * STEPS}`, `5m ${SERIES * 24}`, `1h ${SERIES * 2}`]),
  );
});

test("standalone - blocks list finds its servers by the data folder, and the process ends in order", async () => {
  const args = [MONOTREME_SCRIPT, "blocks", "list", `--storage.path=${standalone.storagePath}`];
  const list = await startProgram(process.execPath, args);
  expect(await list.exited(), list.output()).toBe(0);
  expect(list.output()).toMatch(/^raw +\S+ +ready /m);
  const nowhere = await startProgram(process.execPath, [...args.slice(0, 3), "--storage.path=/nowhere"]);
  expect(await nowhere.exited()).toBe(1);
  expect(nowhere.output()).toContain("no standalone with servers of its own has run on /nowhere");
  expect(await standalone.terminate()).toBe(0);
});
