import { ConfigFileError } from "@monotreme/prometheus-config";
import { expect, test } from "vitest";
import type { Tiers } from "./tiers.ts";
import { parseTiers } from "./tiers-file.ts";

const DAY_MS = 86_400_000;

async function parse(text: string): Promise<Tiers> {
  return parseTiers({ fileName: "tiers.yml", folder: "/etc", text }, async (path) => `from ${path}\n`);
}

test("tiers file - volumes and what moves to them", async () => {
  const tiers = await parse(`
volumes:
  disk: {path: /mnt/cold}
  far:
    s3:
      endpoint: https://s3.example.com/bucket/monotreme
      region: eu
      access_key_id: id
      secret_access_key_file: key
move:
  raw: {after: 30d, to: disk}
  1h: {after: 1y, to: far}
`);
  expect(tiers.policyName).toBe("monotreme");
  expect(tiers.moves).toEqual([
    { kind: "raw", afterMs: 30 * DAY_MS, to: "disk" },
    { kind: "1h", afterMs: 365 * DAY_MS, to: "far" },
  ]);
  const [disk, far] = tiers.volumes;
  expect(disk).toEqual({ name: "disk", place: { path: "/mnt/cold/" } });
  const place = far?.place ?? { path: "" };
  if (!("s3" in place)) throw new Error("expected a store");
  expect(place.s3).toMatchObject({ endpoint: "https://s3.example.com/bucket/monotreme/", region: "eu" });
  expect([place.s3.accessKeyId?.reveal(), place.s3.secretAccessKey?.reveal()]).toEqual(["id", "from /etc/key"]);
  expect(JSON.stringify(tiers)).not.toContain("from /etc/key");
});

test("tiers file - for a server of one's own the name of its policy is enough", async () => {
  expect(await parse("{policy: hot_cold, move: {5m: {after: 1d, to: cold}}}")).toEqual({
    policyName: "hot_cold",
    volumes: [],
    moves: [{ kind: "5m", afterMs: DAY_MS, to: "cold" }],
  });
});

test("tiers file - faults name their place", async () => {
  const f = async (text: string, fault: string): Promise<void> => {
    await expect(parse(text)).rejects.toThrow(ConfigFileError);
    await expect(parse(text)).rejects.toThrow(fault);
  };
  await f("volumes: {}", "tiers.yml:1:1: field move is missing");
  await f("{move: {raw: {to: x}}}", "tiers.yml:1:14: field after is missing");
  await f("{move: {raw: {after: 0s, to: x}}}", "tiers.yml:1:22: expected a duration above 0");
  await f("{move: {10m: {after: 1d, to: x}}}", "field 10m not found in move");
  await f(
    "{volumes: {a: {path: /x}}, move: {raw: {after: 1d, to: b}}}",
    "tiers.yml:1:34: raw moves to b, expected one of a",
  );
  await f("{volumes: {default: {path: /x}}, move: {}}", "other than default, found default");
  await f("{volumes: {a: {path: x}}, move: {}}", "tiers.yml:1:22: expected an absolute path");
  await f("{volumes: {a: {}}, move: {}}", "expected either path or s3");
  await f("{volumes: {a: {s3: {endpoint: 'https://u:p@h/b'}}}, move: {}}", "without credentials");
  await f("{volumes: {a: {s3: {endpoint: 'https://h/b', access_key_id: x}}}, move: {}}", "expected both keys or none");
  await f("{policy: 'x y', move: {}}", "expected a name of letters, digits and _");
});
