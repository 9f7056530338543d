import { createApp } from "@monotreme/http";
import { createSilentLogger, Registry } from "@monotreme/telemetry";
import { describe, expect, test } from "vitest";
import { type GroupEntry, GroupStore } from "../groups/group-store.ts";
import { createTemplateCheck } from "../templates/rule-templates.ts";
import { rulerConfigRoutes } from "./ruler-config.ts";

const BASE = "/prometheus/config/v1/rules";
const GROUP = 'name: g/1\ninterval: 30s\nrules:\n- alert: A\n  expr: up == 0\n  for: 5m\n  labels: {a: "yes"}\n';

async function bench() {
  const values = new Map<string, string>();
  const rules = { checkTemplate: createTemplateCheck() };
  let changes = 0;
  const bucket = {
    put: async (key: string, value: string) => values.set(key, value).size,
    delete: async (key: string) => void values.delete(key),
  };
  const store = new GroupStore(bucket, rules, () => void changes++, createSilentLogger());
  const app = createApp({ telemetry: { registry: new Registry(), logger: createSilentLogger() }, bodyLimitBytes: 1e6 });
  await app.register(rulerConfigRoutes({ store, rules }));
  const call = async (method: "GET" | "POST" | "DELETE", url: string, payload?: string, tenant?: string) => {
    const headers = { "content-type": "application/yaml", ...(tenant !== undefined && { "x-scope-orgid": tenant }) };
    const { statusCode, body } = await app.inject({ method, url, headers, ...(payload !== undefined && { payload }) });
    return { status: statusCode, body };
  };
  return { call, store, values, changes: () => changes };
}

describe("ruler config routes", () => {
  test("ruler config routes - a group is made, read, listed, changed and deleted", async () => {
    const { call, changes } = await bench();
    expect(await call("GET", BASE)).toEqual({ status: 200, body: "{}\n" });
    expect(await call("POST", `${BASE}/my%20ns`, GROUP)).toEqual({
      status: 202,
      body: '{"status":"success","data":null,"errorType":"","error":""}',
    });
    expect(await call("GET", `${BASE}/my%20ns/g%2F1`)).toEqual({
      status: 200,
      body: 'name: g/1\ninterval: 30s\nrules:\n  - alert: A\n    expr: up == 0\n    for: 5m\n    labels:\n      a: "yes"\n',
    });
    expect((await call("GET", "/config/v1/rules")).body).toMatch(/^my ns:\n {2}- name: g\/1\n/);
    expect((await call("GET", `${BASE}/my%20ns`)).body).toMatch(/^my ns:\n/);
    await call("POST", `${BASE}/my%20ns`, GROUP.replace("30s", "1m"));
    expect((await call("GET", `${BASE}/my%20ns/g%2F1`)).body).toContain("interval: 1m");
    expect(changes()).toBe(2);
    expect((await call("DELETE", `${BASE}/my%20ns/g%2F1`)).status).toBe(202);
    expect(await call("GET", BASE)).toEqual({ status: 200, body: "{}\n" });
  });

  test("ruler config routes - a tenant sees and changes its own groups only", async () => {
    const { call } = await bench();
    await call("POST", `${BASE}/ns`, GROUP, "one");
    expect((await call("GET", BASE, undefined, "two")).body).toBe("{}\n");
    expect((await call("GET", `${BASE}/ns/g%2F1`, undefined, "two")).status).toBe(404);
    expect((await call("DELETE", `${BASE}/ns/g%2F1`, undefined, "two")).status).toBe(404);
    expect((await call("DELETE", `${BASE}/ns`, undefined, "two")).status).toBe(404);
    expect((await call("DELETE", `${BASE}/ns`, undefined, "one")).status).toBe(202);
    expect((await call("GET", BASE, undefined, "../x")).status).toBe(400);
  });

  test("ruler config routes - what is no group is refused with line and reason, and nothing changes", async () => {
    const { call, values, changes } = await bench();
    const f = async (text: string, expected: RegExp): Promise<void> => {
      const { status, body } = await call("POST", `${BASE}/ns`, text);
      expect(status, text).toBe(400);
      expect(body, text).toMatch(expected);
    };
    await f("", /Groupname must not be empty/);
    await f("[]", /^ns:1:1: expected a mapping for a rule group/);
    await f("name: g\nrules: [{record: a}]", /^ns:2:9: group "g", rule 1, "a": field 'expr' must be set/);
    await f("name: g\nnonsense: 1", /^ns:2:1: field nonsense not found/);
    await f("name: g\ninterval: 1ms", /must be 1000ms or more/);
    await f(`name: ${"x".repeat(2000)}`, /needs a name of 1 to 1024 bytes/);
    await f("name: g\nrules: [{alert: a, expr: up, annotations: {a: '{{ end }}'}}]", /annotation "a": template: /);
    expect([values.size, changes()]).toEqual([0, 0]);
  });

  test("ruler config routes - a broken entry of the bucket is passed over", async () => {
    const { store, call } = await bench();
    const entry = (text: string): GroupEntry => ({ key: "k", operation: "PUT", string: () => text });
    for (const text of ["", "{", "{}", '{"tenant":"anonymous","namespace":"ns1","text":"rules: 5"}'])
      store.onEntry(entry(text));
    expect((await call("GET", BASE)).body).toBe("{}\n");
    store.onEntry(entry('{"tenant":"anonymous","namespace":"ns1","text":"name: ok"}'));
    expect((await call("GET", BASE)).body).toBe("ns1:\n  - name: ok\n    rules: []\n");
    store.onMissing("k");
    expect((await call("GET", BASE)).body).toBe("{}\n");
  });
});
