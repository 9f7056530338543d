import { beforeEach, describe, expect, test } from "vitest";
import { HeartbeatFixture, KEYS, START_MS } from "../heartbeat-fixture.ts";

const CHECKS = "/api/v3/checks/";
const { apiKey, readonlyApiKey } = KEYS;

let fixture: HeartbeatFixture;
beforeEach(async () => {
  fixture = await new HeartbeatFixture().open();
});

describe("management API: history", () => {
  test("pings - newest first with all that is known of them, and their bodies", async () => {
    const { definition } = await fixture.create({});
    const runId = "0123abcd-0123-4abc-8abc-0123456789ab";
    await fixture.ask(`/ping/${definition.id}/start?rid=${runId.toUpperCase()}`, { headers: { "user-agent": "u" } });
    fixture.nowMs += 1500;
    await fixture.ask(`/ping/${definition.id}/7?rid=${runId}`, { body: Uint8Array.of(0xff, 0x41) });
    const url = `/api/v3/checks/${definition.id}/pings`;
    const common = { scheme: "http", remote_addr: "127.0.0.1", rid: runId };
    expect((await fixture.ask(`${url}/`, { key: apiKey })).value).toEqual({
      pings: [
        {
          ...common,
          type: "fail",
          date: "2026-03-02T10:00:02+00:00",
          n: 2,
          method: "POST",
          ua: "lightMyRequest",
          duration: 1.5,
          body_url: `https://beat.example.org${url}/2/body`,
        },
        {
          ...common,
          type: "start",
          date: "2026-03-02T10:00:00.500000+00:00",
          n: 1,
          method: "GET",
          ua: "u",
          body_url: null,
        },
      ],
    });
    const body = await fixture.ask(`${url}/2/body`, { key: apiKey });
    expect([body.status, body.headers["content-type"], body.headers["content-length"]]).toEqual([
      200,
      "text/plain",
      "2",
    ]);
    for (const none of ["1", "3", "x", "99999999999999999999"]) {
      expect((await fixture.ask(`${url}/${none}/body`, { key: apiKey })).status).toBe(404);
    }
  });

  test("flips - up and down only, in a range whose end is not in it", async () => {
    const { definition } = await fixture.create({});
    const second = Math.floor(START_MS / 1000);
    const base = { checkId: definition.id, project: definition.project, reason: "" } as const;
    fixture.history.flipRecords.push(
      { ...base, atMs: second * 1000 - 5000, from: "new", to: "up" },
      { ...base, atMs: second * 1000 - 3000, from: "up", to: "down" },
      { ...base, atMs: second * 1000 - 2000, from: "down", to: "paused" },
      { ...base, atMs: second * 1000 - 1000, from: "paused", to: "up" },
    );
    const f = async (query: string, ...ups: readonly number[]): Promise<void> => {
      const { value } = await fixture.ask(`${CHECKS}${definition.id}/flips/${query}`, { key: readonlyApiKey });
      expect(value, query).toEqual({ flips: ups.map((up) => expect.objectContaining({ up })) });
    };
    await f("", 1, 0, 1);
    await f("?seconds=4", 1, 0);
    await f(`?start=${second - 3}`, 1, 0);
    await f(`?end=${second - 3}`, 1);
    await f(`?start=${second - 3}&end=${second - 1}`, 0);
    for (const query of ["?seconds=-1", "?seconds=31536001", "?start=x", "?end=1e3"]) {
      expect((await fixture.ask(`${CHECKS}${definition.id}/flips/${query}`, { key: apiKey })).status, query).toBe(400);
    }
  });
});
