import { execFileSync, spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { MAX_MESSAGE_BYTES } from "@monotreme/contracts";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { ROOT } from "./workspace.ts";

const FILES = [
  "deploy/nats/nats.conf",
  "deploy/nats/nats-auth.conf",
  "k8s/stores/nats/nats.conf",
  "k8s/stores/nats-cluster/nats.conf",
];

const VERSION = /v(\d+)\.(\d+)/.exec(spawnSync("nats-server", ["--version"], { encoding: "utf8" }).stdout ?? "");
const knowsSyncAlways = Number(VERSION?.[1]) > 2 || Number(VERSION?.[2]) >= 10;

describe.each(FILES)("%s", (file) => {
  let folder = "";
  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), "monotreme-nats-"));
  });
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  const text = readFileSync(join(ROOT, file), "utf8");

  test("takes messages as large as ours", () => {
    const megabytes = /^max_payload: (\d+)MB$/m.exec(text)?.[1];
    expect(Number(megabytes) * 2 ** 20).toBe(MAX_MESSAGE_BYTES);
  });

  test.skipIf(VERSION === null)("is a configuration that the server takes (needs nats-server)", () => {
    // The version of Debian 12 does not know the word yet.
    const known = knowsSyncAlways ? text : text.replace(/^ *sync_interval: always\n/m, "");
    const path = join(folder, "nats.conf");
    writeFileSync(path, known.replace("store_dir: /data", `store_dir: ${JSON.stringify(folder)}`));
    const env = { ...process.env, NATS_PASSWORD: "m0123456789abcdef", POD_NAME: "nats-0" };
    expect(() => execFileSync("nats-server", ["-t", "--config", path], { env, stdio: "pipe" })).not.toThrow();
  });
});
