import { beforeEach, describe, expect, test } from "vitest";
import { HeartbeatFixture, KEYS, OTHER_KEYS, PROJECT_ID, START_MS } from "../heartbeat-fixture.ts";
import { uniqueKeyOf } from "../checks/unique-key.ts";

let fixture: HeartbeatFixture;
beforeEach(async () => {
  fixture = await new HeartbeatFixture().open();
});

const URL = `/projects/${PROJECT_ID}/metrics/${KEYS.readonlyApiKey}`;

async function samples(): Promise<readonly string[]> {
  const { text } = await fixture.ask(URL);
  return text.split("\n").filter((line) => line !== "" && !line.startsWith("#"));
}

describe("metrics of checks", () => {
  test("metrics - the families of Healthchecks, and times beside them", async () => {
    const { definition } = await fixture.create({ name: "a", tags: "x y", timeout: 60, grace: 60 });
    await fixture.ask(`/ping/${definition.id}/start`);
    fixture.nowMs += 1500;
    await fixture.ask(`/ping/${definition.id}`);
    await fixture.ask(`/ping/${definition.id}/start`);
    fixture.nowMs += 60_000;
    const labels = `{name="a", tags="x y", unique_key="${uniqueKeyOf(definition.id)}"}`;
    expect(await samples()).toEqual([
      `hc_check_up${labels} 0`,
      `hc_check_started${labels} 1`,
      `hc_check_grace${labels} 0`,
      `hc_check_paused${labels} 0`,
      'hc_tag_up{tag="x"} 0',
      'hc_tag_up{tag="y"} 0',
      "hc_checks_total 1",
      "hc_checks_down_total 1",
      `monotreme_check_last_duration_seconds${labels} 1.5`,
      `monotreme_check_last_ping_timestamp_seconds${labels} ${(START_MS + 1500) / 1000}`,
      `monotreme_check_deadline_timestamp_seconds${labels} ${(START_MS + 61_500) / 1000}`,
      `monotreme_check_pings_total${labels} 3`,
    ]);
  });

  test("metrics - new, late and paused checks count as up", async () => {
    const late = await fixture.create({ name: "late", timeout: 60, grace: 60 });
    const paused = await fixture.create({ name: "paused" });
    await fixture.create({ name: "new" });
    await fixture.ask(`/ping/${late.definition.id}`);
    await fixture.ask(`/api/v3/checks/${paused.definition.id}/pause`, { key: KEYS.apiKey, method: "POST" });
    fixture.nowMs += 60_000;
    const lines = await samples();
    const valuesOf = (name: string) =>
      lines
        .filter((line) => line.startsWith(`${name}{`))
        .map((line) => line.replace(/^.*name="(\w+)".* (\d)$/, "$1 $2"));
    expect(valuesOf("hc_check_up").toSorted()).toEqual(["late 1", "new 1", "paused 1"]);
    expect(valuesOf("hc_check_grace").toSorted()).toEqual(["late 1", "new 0", "paused 0"]);
    expect(valuesOf("hc_check_paused").toSorted()).toEqual(["late 0", "new 0", "paused 1"]);
    expect(lines).toContain("hc_checks_down_total 0");
  });

  test("metrics - the key alone says which project, wherever it stands", async () => {
    await fixture.create({});
    const f = async (url: string, authorization: string | undefined, status: number, total?: number): Promise<void> => {
      const answer = await fixture.ask(url, authorization === undefined ? {} : { headers: { authorization } });
      expect(answer.status, `${url} ${authorization}`).toBe(status);
      if (total !== undefined) expect(answer.text).toContain(`hc_checks_total ${total}\n`);
    };
    const { readonlyApiKey: key } = KEYS;
    await f(`/projects/${OTHER_KEYS.pingKey}/metrics/${key}`, undefined, 200, 1);
    await f(`/checks/metrics/${key}`, undefined, 200, 1);
    await f(`/projects/${PROJECT_ID}/metrics/`, `Bearer ${key}`, 200, 1);
    await f(`/projects/${PROJECT_ID}/metrics/${OTHER_KEYS.apiKey}`, undefined, 200, 0);
    await f(`/projects/${PROJECT_ID}/metrics`, undefined, 401);
    await f(`/projects/${PROJECT_ID}/metrics`, `Basic ${key}`, 401);
    await f(`/projects/${PROJECT_ID}/metrics`, "Bearer short", 400);
    await f(`/projects/${PROJECT_ID}/metrics/${"x".repeat(32)}`, undefined, 403);
    await f(`/checks/metrics/${"x".repeat(31)}`, undefined, 400);
    await f(`/checks/metrics/${KEYS.pingKey}`, undefined, 400);
  });

  test("metrics - hostile names are escaped", async () => {
    await fixture.create({ name: 'a"} 1\nhc_checks_total 99 \\', tags: 't"\\' });
    const lines = await samples();
    expect(lines.filter((line) => line.startsWith("hc_checks_total"))).toEqual(["hc_checks_total 1"]);
    expect(lines[0]).toMatch(
      /^hc_check_up\{name="a\\"\} 1\\nhc_checks_total 99 \\\\", tags="t\\"\\\\", unique_key="\w{40}"\} 1$/,
    );
    expect(lines).toContain('hc_tag_up{tag="t\\"\\\\"} 1');
  });
});
