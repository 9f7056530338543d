import { setTimeout as sleep } from "node:timers/promises";
import { countStoredSamples, eventually, queryValue, RemoteWriteSender } from "@monotreme/testkit";
import { afterAll, beforeAll, expect, test } from "vitest";
import { Cluster } from "./cluster.ts";
import { expectExactResult } from "./exact-result.ts";
import { createSampleLoad, partOfLoad, type SampleLoad } from "./sample-load.ts";
import { WebhookReceiver } from "./webhook-receiver.ts";

const SERIES = 2000;
/** More than the test needs: it ends when it has done everything. */
const STEPS = 2000;
/** Bodies of 2000 samples, in each of two shards. */
const PAUSE_MS = 250;

let cluster: Cluster;
let webhook: WebhookReceiver;

beforeAll(async () => {
  webhook = await WebhookReceiver.start();
  cluster = await Cluster.start(webhook.url);
  await cluster.stopMerges();
});

afterAll(async () => {
  await cluster?.stop();
  await webhook?.stop();
});

/** Hands the bodies of a load out at a pace, and knows what it handed out. */
class PacedLoad {
  readonly #load = createSampleLoad(SERIES, STEPS);
  readonly #bodies = this.#load.shards.map(() => 0);

  get shards(): AsyncIterable<Uint8Array>[] {
    return this.#load.shards.map((bodies, shard) => this.#paced(bodies, shard));
  }

  /** What must be found of what was handed out so far. */
  get sent(): SampleLoad {
    return partOfLoad(this.#load, SERIES, this.#bodies);
  }

  async *#paced(bodies: Iterable<Uint8Array>, shard: number): AsyncGenerator<Uint8Array> {
    for (const body of bodies) {
      await sleep(PAUSE_MS);
      this.#bodies[shard] = (this.#bodies[shard] ?? 0) + 1;
      yield body;
    }
  }
}

/** Resolves when the ingesters read so many partitions each. */
const ownPartitions = async (expected: readonly number[]): Promise<void> => {
  await eventually(async () => expect((await cluster.ownedPartitions()).toSorted((a, b) => a - b)).toEqual(expected), {
    timeoutMs: 30_000,
    intervalMs: 200,
  });
};

test("cluster - a rolling restart of everything, and ingesters that come, die and go, lose and double no sample", async () => {
  const load = new PacedLoad();
  const [url = "", ...otherUrls] = cluster.named("gateway").map((gateway) => `${gateway.url}/api/v1/write`);
  const sender = new RemoteWriteSender({ url, otherUrls, shards: load.shards });
  const sending = sender.run();
  await eventually(() => sender.answered > 10);

  await cluster.scaleIngesters(3);
  await ownPartitions([2, 3, 3]);
  await cluster.killIngester();
  await ownPartitions([4, 4]);
  await cluster.scaleIngesters(3);
  await ownPartitions([2, 3, 3]);

  await cluster.restartRoles();
  for (const ingester of cluster.ingesters) await ingester.restart();
  await cluster.nats.rollingRestart();
  await cluster.redis.halt();
  await cluster.redis.restart();
  await cluster.clickhouse.halt();
  await cluster.clickhouse.restart();

  await cluster.scaleIngesters(1);
  await ownPartitions([8]);
  sender.stop();
  await sending;

  const { sent } = load;
  expect(sender.answered).toBe(sent.requests);
  const [query] = cluster.named("query");
  await expectExactResult(query?.url ?? "", sent).catch(async (cause: unknown) => {
    throw new Error(`not everything is there:\n${await cluster.describe()}`, { cause });
  });
  const { rows, distinct } = await countStoredSamples(cluster.clickhouse.url, "chaos_%_total");
  expect(distinct).toBe(sent.samples);
  // Only what a gateway could not answer may lie there twice, until a merge or a reader takes it together.
  const perRequest = sent.samples / sent.requests;
  expect(rows).toBeGreaterThanOrEqual(sent.samples);
  expect(rows).toBeLessThanOrEqual(sent.samples + sender.uncertain * perRequest);

  // Everything else goes on as well, and one alert was one message.
  const alive = await queryValue(query?.url ?? "", 'count(up{job="gateways"} == 1)');
  expect(alive).toBe(2);
  expect(webhook.messages.map(({ alerts }) => alerts.map(({ labels }) => labels["alertname"]))).toEqual([["Always"]]);
});
