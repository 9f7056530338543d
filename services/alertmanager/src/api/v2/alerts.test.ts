import { describe, expect, test } from "vitest";
import { ApiFixture } from "../api-fixture.ts";

const MINUTE_MS = 60_000;

interface ShownAlert {
  readonly labels: Readonly<Record<string, string>>;
  readonly status: { readonly state: string };
}

function namesIn(list: readonly ShownAlert[]): string[] {
  return list.map(({ labels }) => labels["alertname"] ?? "").sort();
}

async function names(fixture: ApiFixture, query = ""): Promise<string[]> {
  const answer = await fixture.ask("GET", `/api/v2/alerts${query}`);
  expect(answer.status, answer.body).toBe(200);
  return namesIn(JSON.parse(answer.body));
}

async function post(fixture: ApiFixture, ...alerts: object[]): Promise<void> {
  const answer = await fixture.ask("POST", "/api/v2/alerts", alerts);
  expect([answer.status, answer.body]).toEqual([200, ""]);
}

describe("alerts of the API", () => {
  test("alerts of the API - a posted alert is shown in upstream's shape", async () => {
    const fixture = new ApiFixture();
    await fixture.open();
    await post(fixture, {
      labels: { alertname: "Down", instance: "a", empty: "" },
      annotations: { summary: "it is down" },
      generatorURL: "http://prometheus/graph?g0.expr=up",
    });
    const { body, headers } = await fixture.ask("GET", "/api/v2/alerts");
    expect(headers["content-type"]).toBe("application/json; charset=utf-8");
    expect(JSON.parse(body)).toEqual([
      {
        annotations: { summary: "it is down" },
        endsAt: "2026-01-01T00:05:00.000Z",
        fingerprint: expect.stringMatching(/^[0-9a-f]{16}$/),
        receivers: [{ name: "default" }],
        startsAt: "2026-01-01T00:00:00.000Z",
        status: { inhibitedBy: [], mutedBy: [], silencedBy: [], state: "active" },
        updatedAt: "2026-01-01T00:00:00.000Z",
        generatorURL: "http://prometheus/graph?g0.expr=up",
        labels: { alertname: "Down", instance: "a" },
      },
    ]);
  });

  test("alerts of the API - the zero time of Go clients counts as not given", async () => {
    const fixture = new ApiFixture();
    await fixture.open();
    await post(fixture, {
      labels: { alertname: "Down" },
      startsAt: "0001-01-01T00:00:00.000Z",
      endsAt: "0001-01-01T00:00:00Z",
      generatorURL: "",
    });
    expect([...fixture.alerts.values()]).toMatchObject([
      { startsAtMs: fixture.silences.nowMs, endsAtMs: fixture.silences.nowMs + 5 * MINUTE_MS, isTimeout: true },
    ]);
  });

  test("alerts of the API - ended alerts are not shown, state and labels choose among the others", async () => {
    const fixture = new ApiFixture();
    const silences = await fixture.open();
    const { nowMs } = fixture.silences;
    const ended = new Date(nowMs - MINUTE_MS).toISOString();
    await post(
      fixture,
      { labels: { alertname: "A" } },
      { labels: { alertname: "Silenced", team: "db" } },
      { labels: { alertname: "Inhibited" } },
      { labels: { alertname: "Ended" }, endsAt: ended },
    );
    const matchers = [{ name: "alertname", value: "Silenced", isRegex: false, isEqual: true }];
    await silences.set(fixture.silences.request({ matchers }));
    for (const { labels, fingerprint } of fixture.alerts.values()) {
      if (labels["alertname"] === "Inhibited") fixture.views.inhibited.add(fingerprint);
    }
    expect(await names(fixture)).toEqual(["A", "Inhibited", "Silenced"]);
    expect(await names(fixture, "?silenced=false&inhibited=false")).toEqual(["A"]);
    expect(await names(fixture, "?active=false")).toEqual(["Inhibited", "Silenced"]);
    expect(await names(fixture, "?active=false&silenced=false&unprocessed=true")).toEqual(["Inhibited"]);
    expect(await names(fixture, `?filter=${encodeURIComponent('alertname=~"A|S.*"')}`)).toEqual(["A", "Silenced"]);
    expect(await names(fixture, `?filter=${encodeURIComponent('team!=""')}`)).toEqual(["Silenced"]);
    expect(await names(fixture, "?receiver=team")).toEqual(["Silenced"]);
    expect(await names(fixture, "?receiver=te")).toEqual([]);
    expect(await names(fixture, "?receiver=te.*%7Cx")).toEqual(["Silenced"]);
    expect(await names(fixture, "?receiver_matchers=owner%3Ddb")).toEqual(["Silenced"]);
  });

  test("alerts of the API - the list is sorted by fingerprint", async () => {
    const fixture = new ApiFixture();
    await fixture.open();
    await post(fixture, ...Array.from({ length: 20 }, (_, i) => ({ labels: { alertname: `A${i}` } })));
    const list: { fingerprint: string }[] = JSON.parse((await fixture.ask("GET", "/api/v2/alerts")).body);
    const fingerprints = list.map(({ fingerprint }) => fingerprint);
    expect(fingerprints).toHaveLength(20);
    expect(fingerprints).toEqual([...fingerprints].sort());
  });

  test("alerts of the API - good alerts count where others of the same request are refused", async () => {
    const fixture = new ApiFixture();
    await fixture.open();
    const answer = await fixture.ask("POST", "/api/v2/alerts", [
      { labels: { alertname: "Good" } },
      { labels: {} },
      { labels: { alertname: "Bad" }, startsAt: "2026-01-02T00:00:00Z", endsAt: "2026-01-01T00:00:00Z" },
    ]);
    expect([answer.status, JSON.parse(answer.body)]).toEqual([
      400,
      "at least one label pair required; start time must be before end time",
    ]);
    expect(await names(fixture)).toEqual(["Good"]);
    const metrics = await fixture.registry.metrics();
    expect(metrics).toContain('alertmanager_alerts_received_total{status="firing",version="v2"} 1');
    expect(metrics).toContain('alertmanager_alerts_invalid_total{version="v2"} 2');
  });

  test("alerts of the API - what breaks the schema is refused as a whole", async () => {
    const fixture = new ApiFixture();
    await fixture.open();
    const f = async (body: unknown, status: number, code: number, message: RegExp): Promise<void> => {
      const answer = await fixture.ask("POST", "/api/v2/alerts", body);
      const parsed: { code: number; message: string } = JSON.parse(answer.body);
      expect([answer.status, parsed.code], answer.body).toEqual([status, code]);
      expect(parsed.message).toMatch(message);
    };
    const good = { labels: { alertname: "A" } };
    await f("", 422, 602, /^alerts in body is required$/);
    await f({}, 400, 400, /^parsing alerts body from "" failed, because /);
    await f([good, {}], 422, 602, /^1\.labels in body is required$/);
    await f([{ labels: { a: 1 } }], 400, 400, /^parsing alerts body from "" failed, because /);
    await f([{ ...good, startsAt: 5 }], 400, 400, /^parsing alerts body from "" failed, because /);
    await f(
      [{ ...good, generatorURL: "not a url" }],
      422,
      601,
      /^0\.generatorURL in body must be of type uri: "not a url"$/,
    );
    expect(await names(fixture)).toEqual([]);
    await post(fixture);
    expect((await fixture.ask("POST", "/api/v2/alerts", "null")).status).toBe(200);
  });

  test("alerts of the API - broken filters are named", async () => {
    const fixture = new ApiFixture();
    await fixture.open();
    const f = async (query: string, message: RegExp): Promise<void> => {
      for (const path of ["/api/v2/alerts", "/api/v2/alerts/groups"]) {
        const answer = await fixture.ask("GET", `${path}?${query}`);
        expect([answer.status, typeof JSON.parse(answer.body)]).toEqual([400, "string"]);
        expect(JSON.parse(answer.body)).toMatch(message);
      }
    };
    await f("filter=%7Ba%3Db%7D", /^bad matcher format: /);
    await f("receiver=(", /^failed to parse receiver param: /);
    await f("receiver_matchers=x", /^bad matcher format: /);
  });

  test("alerts of the API - groups show an alert once a receiver, and who mutes it", async () => {
    const fixture = new ApiFixture();
    await fixture.open();
    await post(fixture, { labels: { alertname: "A" } }, { labels: { alertname: "Db", team: "db" } });
    fixture.views.alerts.push(...fixture.alerts.values());
    fixture.views.mutedBy = ["nights"];
    const groups = async (query = ""): Promise<unknown[]> => {
      const list: { receiver: { name: string }; alerts: ShownAlert[] }[] = JSON.parse(
        (await fixture.ask("GET", `/api/v2/alerts/groups${query}`)).body,
      );
      return list.map(({ receiver, alerts }) => [receiver.name, namesIn(alerts), alerts[0]?.status.state]);
    };
    expect(await groups()).toEqual([
      ["default", ["A", "Db"], "active"],
      ["team", ["Db"], "suppressed"],
    ]);
    expect(await groups("?muted=false")).toEqual([["default", ["A", "Db"], "active"]]);
    expect(await groups("?receiver=team")).toEqual([["team", ["Db"], "suppressed"]]);
    const [first]: object[] = JSON.parse((await fixture.ask("GET", "/api/v2/alerts/groups")).body);
    expect(first).toMatchObject({ labels: { receiver: "default" }, receiver: { name: "default" }, routeLabels: {} });
  });
});
