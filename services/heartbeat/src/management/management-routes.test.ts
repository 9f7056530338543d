import { beforeEach, describe, expect, test } from "vitest";
import { HeartbeatFixture, KEYS, OTHER_KEYS } from "../heartbeat-fixture.ts";

const CHECKS = "/api/v3/checks/";
const { apiKey, readonlyApiKey } = KEYS;

let fixture: HeartbeatFixture;
beforeEach(async () => {
  fixture = await new HeartbeatFixture().open();
});

describe("management API: keys", () => {
  test("keys - by header or body; missing and wrong ones are told apart, read-only ones change nothing", async () => {
    const { definition } = await fixture.create({ name: "a" });
    const one = `${CHECKS}${definition.id}`;
    const f = async (url: string, request: Parameters<HeartbeatFixture["ask"]>[1], status: number, error?: string) => {
      const answer = await fixture.ask(url, request);
      expect([answer.status, answer.value], `${url} ${JSON.stringify(request)}`).toEqual([
        status,
        error === undefined ? expect.anything() : { error },
      ]);
    };
    await f(CHECKS, {}, 401, "missing api key");
    await f(CHECKS, { key: "" }, 401, "missing api key");
    await f(CHECKS, { key: "x".repeat(32) }, 401, "wrong api key");
    await f(CHECKS, { key: KEYS.pingKey }, 401, "wrong api key");
    await f(CHECKS, { key: readonlyApiKey }, 200);
    await f(CHECKS, { body: { api_key: apiKey, name: "b" } }, 201);
    await f(CHECKS, { body: { api_key: 1 } }, 401, "missing api key");
    await f(CHECKS, { key: readonlyApiKey, body: {} }, 401, "wrong api key");
    await f(one, { key: readonlyApiKey, body: {} }, 401, "wrong api key");
    await f(one, { key: readonlyApiKey, method: "DELETE" }, 401, "wrong api key");
    await f(`${one}/pause`, { key: readonlyApiKey, method: "POST" }, 401, "wrong api key");
    await f(`${one}/pings`, { key: readonlyApiKey }, 401, "wrong api key");
    await f("/api/v3/channels/", { key: readonlyApiKey }, 401, "wrong api key");
    await f(`${one}/flips`, { key: readonlyApiKey }, 200);
    await f("/api/v3/badges", { key: readonlyApiKey }, 200);
    expect(fixture.store.get(definition.id)?.state.status).toBe("new");
  });

  test("keys - another project's check is forbidden, without a word", async () => {
    const { definition } = await fixture.create({ name: "a" });
    const url = `${CHECKS}${definition.id}`;
    for (const request of [{}, { body: {} }, { method: "DELETE" as const }]) {
      const { status, text } = await fixture.ask(url, { ...request, key: OTHER_KEYS.apiKey });
      expect([status, text]).toEqual([403, ""]);
    }
    expect((await fixture.ask(CHECKS, { key: OTHER_KEYS.apiKey })).value).toEqual({ checks: [] });
    expect((await fixture.ask(`${CHECKS}${"0".repeat(40)}`, { key: apiKey })).status).toBe(404);
    expect((await fixture.ask(`${CHECKS}99999999-9999-4999-8999-999999999999`, { key: apiKey })).status).toBe(404);
    expect((await fixture.ask(`${CHECKS}nonsense`, { key: apiKey })).status).toBe(404);
  });

  test("routes - other methods are refused, every origin is allowed", async () => {
    const options = await fixture.ask(CHECKS, { method: "OPTIONS" });
    expect([options.status, options.headers["access-control-allow-headers"]]).toEqual([204, "X-Api-Key"]);
    expect(options.headers["access-control-allow-methods"]).toBe("GET, POST");
    const put = await fixture.ask(CHECKS, { method: "PUT", key: apiKey });
    expect([put.status, put.headers["allow"], put.headers["access-control-allow-origin"]]).toEqual([
      405,
      "GET, POST",
      "*",
    ]);
    const denied = await fixture.ask(CHECKS);
    expect([denied.status, denied.headers["access-control-allow-origin"]]).toEqual([401, "*"]);
    expect((await fixture.ask("/api/v1/status/")).text).toBe("OK");
  });
});

test("links of Healthchecks' metrics - a unique key leads to the page, anything else nowhere", async () => {
  const key = "0123456789abcdef0123456789abcdef01234567";
  const { status, headers } = await fixture.ask(`/cloaked/${key}/`, {});
  expect([status, headers["location"]]).toEqual([302, expect.stringMatching(new RegExp(`^http.*/#${key}$`))]);
  expect((await fixture.ask("/cloaked/x", {})).status).toBe(404);
});
