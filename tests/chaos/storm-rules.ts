import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { Labels } from "@monotreme/model";
import { compressSnappy, encodeWriteRequest } from "@monotreme/remote-write";
import { findFreePort } from "@monotreme/standalone";
import { eventually, queryValue, RemoteWriteSender, startProgram, type TestProgram } from "@monotreme/testkit";

const MONOTREME = fileURLToPath(new URL("../../tools/monotreme.mjs", import.meta.url));

export const STORM_GROUPS = 200;
const ALERTS_PER_GROUP = 25;
export const STORM_ALERTS = STORM_GROUPS * ALERTS_PER_GROUP;
/** How often the rules of the storm are evaluated. */
const INTERVAL = "10s";

/** 200 groups with one rule each, that fires for every series of its group with the value 0 for ten seconds. */
export async function writeStormRules(folder: string): Promise<void> {
  const rules = Array.from({ length: STORM_GROUPS }, (_, i) => {
    const alert = `{alert: Storm, expr: 'storm{group="${i}"} == 0', for: 10s, annotations: {text: "{{ $labels.n }} of ${i}"}}`;
    return `- {name: g${i}, rules: [${alert}]}\n`;
  });
  await writeFile(join(folder, "rules.yml"), `groups:\n${rules.join("")}`);
  await writeFile(
    join(folder, "prometheus.yml"),
    `global: {evaluation_interval: ${INTERVAL}}\nrule_files: [rules.yml]\n`,
  );
}

/** Every series of the storm gets a value now; resolves when it can be queried. */
export async function writeStormSamples(url: string, value: number): Promise<void> {
  const series = Array.from({ length: STORM_ALERTS }, (_, i) => ({
    labels: Labels.fromObject({
      __name__: "storm",
      group: String(i % STORM_GROUPS),
      n: String(Math.floor(i / STORM_GROUPS)),
    }),
    timestampsMs: [Date.now()],
    values: Float64Array.of(value),
  }));
  const body = compressSnappy(encodeWriteRequest(series));
  await new RemoteWriteSender({ url: `${url}/api/v1/write`, shards: [[body]] }).run();
  await eventually(async () => (await queryValue(url, `count(storm == ${value})`)) === STORM_ALERTS, {
    timeoutMs: 30_000,
  });
}

/** The ruler role as a process of its own, with the rules of the folder. */
export async function startStormRuler(folder: string, natsUrl: string, clickhouseUrl: string): Promise<TestProgram> {
  const args = [
    `--config.file=${join(folder, "prometheus.yml")}`,
    `--web.listen-address=127.0.0.1:${await findFreePort()}`,
    `--nats.url=${natsUrl}`,
    `--clickhouse.url=${clickhouseUrl}`,
    "--rules.lease-ttl=3s",
  ];
  return startProgram(process.execPath, [MONOTREME, "ruler", ...args], { readyPattern: /msg=ready/ });
}
