import { describe, expect, test } from "vitest";
import { ApiFixture } from "../api-fixture.ts";

describe("acknowledgements and tokens of the API", () => {
  test("acknowledge - makes a silence of the alert's labels that ends with it", async () => {
    const fixture = new ApiFixture();
    const silences = await fixture.open();
    await fixture.ask("POST", "/api/v2/alerts", [{ labels: { alertname: "A", job: "x" } }]);
    const [alert] = [...fixture.alerts.values()];
    const body = { fingerprints: [alert?.fingerprint], createdBy: "operator" };
    const answer = await fixture.ask("POST", "/api/v2/alerts/acknowledge", body);
    expect(answer.status, answer.body).toBe(200);
    const { silenceIDs } = JSON.parse(answer.body);
    expect(silences.silencedBy({ alertname: "A", job: "x" })).toEqual(silenceIDs);
    expect(silences.silencedBy({ alertname: "A" })).toEqual([]);
    expect(silences.get(silenceIDs[0])).toMatchObject({
      endsAtMs: fixture.silences.nowMs + 30 * 86_400_000,
      annotations: { until_resolved: "true" },
    });
  });

  test("acknowledge - refuses what does not fire", async () => {
    const fixture = new ApiFixture();
    const silences = await fixture.open();
    await fixture.ask("POST", "/api/v2/alerts", [{ labels: { alertname: "A" } }]);
    const [alert] = [...fixture.alerts.values()];
    const body = { fingerprints: [alert?.fingerprint, "00000000000000aa"], createdBy: "operator" };
    const answer = await fixture.ask("POST", "/api/v2/alerts/acknowledge", body);
    expect([answer.status, JSON.parse(answer.body)]).toEqual([
      400,
      'failed to acknowledge: no alert "00000000000000aa" is firing',
    ]);
    expect(silences.list()).toEqual([]);
    const empty = await fixture.ask("POST", "/api/v2/alerts/acknowledge", { ...body, fingerprints: [] });
    expect(empty.status).toBe(422);
  });

  test("silence token - silences once, and only within its lifetime", async () => {
    const fixture = new ApiFixture();
    const silences = await fixture.open();
    const labels = { alertname: "A", path: "a/b+c" };
    const token = await fixture.tokens.create({ labels, durationMs: 60_000 });
    expect(token).toMatch(/^[\w-]{32}$/);
    // A preview of the link must not press the button.
    expect((await fixture.ask("GET", `/api/v2/silence-token/${token}`)).status).toBe(405);
    const used = await fixture.ask("POST", `/api/v2/silence-token/${token}`);
    expect(used.status, used.body).toBe(200);
    expect(silences.silencedBy(labels)).toEqual([JSON.parse(used.body).silenceID]);
    expect(silences.get(JSON.parse(used.body).silenceID)?.endsAtMs).toBe(fixture.silences.nowMs + 60_000);
    expect((await fixture.ask("POST", `/api/v2/silence-token/${token}`)).status).toBe(404);
    expect((await fixture.ask("POST", "/api/v2/silence-token/unknown")).status).toBe(404);
    const late = await fixture.tokens.create({ labels, durationMs: 60_000 });
    fixture.silences.nowMs += 3_600_000;
    expect((await fixture.ask("POST", `/api/v2/silence-token/${late}`)).status).toBe(404);
  });

  test("silence token - one whose silence could not be made can be used again", async () => {
    const fixture = new ApiFixture();
    const silences = await fixture.open();
    const token = await fixture.tokens.create({ labels: { alertname: "A" }, durationMs: 60_000 });
    fixture.silences.bucket.beforePut = async () => {
      throw new Error("the bucket is away");
    };
    expect((await fixture.ask("POST", `/api/v2/silence-token/${token}`)).status).toBe(500);
    expect((await fixture.ask("POST", `/api/v2/silence-token/${token}`)).status).toBe(200);
    expect(silences.list()).toHaveLength(1);
  });
});
