import fc from "fast-check";
import { beforeEach, describe, expect, test } from "vitest";
import { HeartbeatFixture, KEYS, PROJECT_ID } from "../heartbeat-fixture.ts";

const CHECKS = "/api/v3/checks/";
const { apiKey, readonlyApiKey } = KEYS;

let fixture: HeartbeatFixture;
beforeEach(async () => {
  fixture = await new HeartbeatFixture().open();
});

describe("management API: checks", () => {
  test("check - the shape that Healthchecks gives it, for writers and readers", async () => {
    const check = await fixture.create({
      name: "Back up",
      slug: "back-up",
      tags: " prod  www ",
      desc: "d",
      channels: "*",
    });
    const { id } = check.definition;
    const base = "https://beat.example.org";
    const common = {
      name: "Back up",
      slug: "back-up",
      tags: "prod www",
      desc: "d",
      grace: 3600,
      n_pings: 0,
      status: "new",
      started: false,
      last_ping: null,
      next_ping: null,
      manual_resume: false,
      methods: "",
      subject: "",
      subject_fail: "",
      start_kw: "",
      success_kw: "",
      failure_kw: "",
      filter_subject: false,
      filter_body: false,
      filter_http_body: false,
      filter_default_fail: false,
      badge_url: `${base}/b/2/${check.badgeKey}.svg`,
    };
    expect((await fixture.ask(`/api/v2/checks/${id}`, { key: apiKey })).value).toEqual({
      ...common,
      uuid: id,
      ping_url: `${base}/ping/${id}`,
      update_url: `${base}/api/v2/checks/${id}`,
      pause_url: `${base}/api/v2/checks/${id}/pause`,
      resume_url: `${base}/api/v2/checks/${id}/resume`,
      channels: "22222222-2222-4222-8222-222222222222",
      timeout: 86_400,
    });
    const { value } = await fixture.ask(`${CHECKS}${id}`, { key: readonlyApiKey });
    const uniqueKey = typeof value === "object" && value !== null && "unique_key" in value ? value.unique_key : "";
    expect(value).toEqual({ ...common, unique_key: expect.stringMatching(/^[0-9a-f]{40}$/), timeout: 86_400 });
    expect((await fixture.ask(`${CHECKS}${String(uniqueKey)}`, { key: readonlyApiKey })).value).toEqual(value);
  });

  test("check - times, durations and states as they pass", async () => {
    const { definition } = await fixture.create({ schedule: "30 10 * * *", tz: "Europe/Riga", grace: 60 });
    const show = async (version = 3) =>
      (await fixture.ask(`/api/v${version}/checks/${definition.id}`, { key: apiKey })).value;
    await fixture.ask(`/ping/${definition.id}/start`);
    expect(await show()).toMatchObject({ status: "new", started: true });
    expect(await show(1)).toMatchObject({ status: "started", started: true });
    fixture.nowMs += 12_345;
    await fixture.ask(`/ping/${definition.id}`);
    expect(await show()).toMatchObject({
      status: "up",
      started: false,
      last_ping: "2026-03-02T10:00:12+00:00",
      next_ping: "2026-03-03T08:30:00+00:00",
      last_duration: 12,
      n_pings: 2,
      schedule: "30 10 * * *",
      tz: "Europe/Riga",
    });
    fixture.nowMs = Date.parse("2026-03-03T08:30:00Z");
    expect(await show()).toMatchObject({ status: "grace" });
    fixture.nowMs += 60_000;
    expect(await show()).toMatchObject({ status: "down" });
  });

  test("create - versions 1 and 2 make the slug of the name, version 3 does not", async () => {
    const slugOf = async (version: number) => {
      const body = { name: "Größe & Ölstand, täglich" };
      return (await fixture.ask(`/api/v${version}/checks/`, { key: apiKey, body })).value;
    };
    expect(await slugOf(1)).toMatchObject({ slug: "groe-olstand-taglich" });
    expect(await slugOf(2)).toMatchObject({ slug: "groe-olstand-taglich" });
    expect(await slugOf(3)).toMatchObject({ slug: "" });
  });

  test("create - unique: what has the values is changed, and of many at once one is made", async () => {
    const body = { name: "nightly", tags: "a", unique: ["name", "tags"] };
    const first = await Promise.all(Array.from({ length: 5 }, async () => fixture.ask(CHECKS, { key: apiKey, body })));
    expect(first.map(({ status }) => status).toSorted((a, b) => a - b)).toEqual([200, 200, 200, 200, 201]);
    expect(fixture.store.size).toBe(1);
    const again = await fixture.ask(CHECKS, { key: apiKey, body: { ...body, timeout: 120 } });
    expect([again.status, again.value]).toEqual([200, expect.objectContaining({ timeout: 120 })]);
    const other = await fixture.ask(CHECKS, { key: apiKey, body: { ...body, tags: "b" } });
    expect(other.status).toBe(201);
    // Those that had the id have another name by now, or are gone.
    const [check] = fixture.store.withSlug(PROJECT_ID, "");
    await fixture.ask(`${CHECKS}${check?.definition.id}`, { key: apiKey, body: { name: "renamed" } });
    expect((await fixture.ask(CHECKS, { key: apiKey, body })).status).toBe(201);
    await fixture.ask(`${CHECKS}${check?.definition.id}`, { key: apiKey, method: "DELETE" });
    expect(fixture.store.size).toBe(2);
  });

  test("create - no more than a project may have; pings make as many again", async () => {
    for (let i = 0; i < 10; i++) await fixture.create({ name: `${i}` });
    const refused = await fixture.ask(CHECKS, { key: apiKey, body: {} });
    expect([refused.status, refused.text]).toEqual([403, ""]);
    for (let i = 0; i < 10; i++) expect((await fixture.ask(`/ping/${KEYS.pingKey}/s${i}?create=1`)).status).toBe(201);
    expect((await fixture.ask(`/ping/${KEYS.pingKey}/s10?create=1`)).status).toBe(404);
  });

  test("create - a ping makes a check with all channels again after it was removed", async () => {
    const url = `/ping/${KEYS.pingKey}/job?create=1`;
    expect((await fixture.ask(url)).status).toBe(201);
    expect((await fixture.ask(url)).status).toBe(200);
    const [check] = fixture.store.all();
    expect(check?.definition).toMatchObject({ name: "job", slug: "job", channels: ["hook"], graceMs: 3_600_000 });
    await fixture.ask(`${CHECKS}${check?.definition.id}`, { key: apiKey, method: "DELETE" });
    expect((await fixture.ask(`/ping/${check?.definition.id}`)).status).toBe(404);
    expect((await fixture.ask(url)).status).toBe(201);
    expect((await fixture.ask(`/ping/${KEYS.pingKey}/${"s".repeat(101)}?create=1`)).status).toBe(404);
  });

  test("change - only what the request says; a schedule wins over a timeout", async () => {
    const { definition } = await fixture.create({ name: "a", tags: "t", grace: 120, start_kw: "begin , go" });
    const f = async (body: object, expected: object) =>
      expect((await fixture.ask(`${CHECKS}${definition.id}`, { key: apiKey, body })).value).toMatchObject(expected);
    await f({ name: "b" }, { name: "b", tags: "t", grace: 120, start_kw: "begin,go" });
    await f({ schedule: "0 1 * * *", timeout: 60 }, { schedule: "0 1 * * *", tz: "UTC" });
    await f({ tz: "Asia/Tokyo" }, { schedule: "0 1 * * *", tz: "Asia/Tokyo" });
    await f({ schedule: "Mon 12:00" }, { schedule: "Mon 12:00", tz: "Asia/Tokyo" });
    await f({ timeout: 60 }, { timeout: 60 });
    await f(
      { subject: "ok", subject_fail: "bad" },
      { success_kw: "ok", failure_kw: "bad", filter_subject: true, subject: "ok" },
    );
    await f({ methods: "POST", manual_resume: true }, { methods: "POST", manual_resume: true });
    await f({ channels: "hook" }, { channels: "22222222-2222-4222-8222-222222222222" });
    await f({ channels: "" }, { channels: "" });
  });

  test("change - faults are told as Healthchecks tells them, and change nothing", async () => {
    const f = async (body: object | string | Uint8Array, error: string): Promise<void> => {
      const { status, value } = await fixture.ask(CHECKS, { key: apiKey, body });
      expect([status, value], JSON.stringify(body)).toEqual([400, { error }]);
    };
    const invalid = async (body: object, error: string): Promise<void> => f(body, `json validation error: ${error}`);
    await f("{", "could not parse request body");
    await f(Uint8Array.of(0x22, 0xff, 0x22), "could not parse request body");
    await f("[".repeat(19_000), "could not parse request body");
    await f("[]", "json validation error: value is not an object");
    await f("null", "json validation error: value is not an object");
    await invalid({ name: 1 }, "name is not a string");
    await invalid({ name: null }, "name is not a string");
    await invalid({ name: "n".repeat(101) }, "name is too long");
    await invalid({ name: "a\u0000b" }, "name has unexpected value");
    await invalid({ tags: "\u001b[31m" }, "tags has unexpected value");
    await f('{"name":"\\ud800"}', "json validation error: name has unexpected value");
    await invalid({ slug: "Upper" }, "slug does not match pattern");
    await invalid({ tags: ["a"] }, "tags is not a string");
    await invalid({ timeout: "60" }, "timeout is not a number");
    await invalid({ timeout: 59 }, "timeout is too small");
    await invalid({ timeout: 31_536_001 }, "timeout is too large");
    await invalid({ grace: 60.5 }, "grace is not a number");
    await invalid({ grace: true }, "grace is not a number");
    await invalid({ tz: "Europe/Nowhere" }, "tz is not a valid timezone");
    await invalid({ methods: "GET" }, "methods has unexpected value");
    await invalid({ manual_resume: 0 }, "manual_resume is not a boolean");
    await invalid({ unique: "name" }, "unique is not an array");
    await invalid({ unique: ["uuid"] }, "an item in 'unique' has unexpected value");
    await invalid({ start_kw: "k".repeat(201) }, "start_kw is too long");
    await f({ channels: "nobody" }, "invalid channel identifier: nobody");
    const { value } = await fixture.ask(CHECKS, { key: apiKey, body: { schedule: "61 * * * *" } });
    expect(value).toEqual({
      error: expect.stringMatching(/^json validation error: schedule is not a valid cron or OnCalendar/),
    });
    expect(fixture.store.size).toBe(0);
  });

  test("change - a body that is too large is refused", async () => {
    expect((await fixture.ask(CHECKS, { key: apiKey, body: { desc: "x".repeat(30_000) } })).status).toBe(413);
  });

  test("list - by slug and by all tags", async () => {
    for (const [name, tags] of [
      ["a", "x y"],
      ["b", "x"],
      ["c", "xy"],
    ]) {
      await fixture.create({ name, slug: name, tags });
      fixture.nowMs++;
    }
    const f = async (query: string, ...names: readonly string[]): Promise<void> => {
      const { value } = await fixture.ask(`${CHECKS}${query}`, { key: readonlyApiKey });
      expect(value).toEqual({ checks: names.map((name) => expect.objectContaining({ name })) });
    };
    await f("", "a", "b", "c");
    await f("?tag=x", "a", "b");
    await f("?tag=x&tag=y", "a");
    await f("?slug=c", "c");
    await f("?slug=c&tag=x");
  });

  test("pause and resume - pause repeats, resume does not", async () => {
    const { definition } = await fixture.create({});
    const f = async (action: string, status: number, expected: object) => {
      const answer = await fixture.ask(`${CHECKS}${definition.id}/${action}`, { key: apiKey, method: "POST" });
      expect([answer.status, answer.value]).toEqual([status, expect.objectContaining(expected)]);
    };
    await fixture.ask(`/ping/${definition.id}`);
    await f("pause", 200, { status: "paused", next_ping: null });
    await f("pause", 200, { status: "paused" });
    await f("resume", 200, { status: "new", last_ping: null });
    await f("resume", 409, { error: "check is not paused" });
  });

  test("file - what it owns is paused here and changed there", async () => {
    const { definition } = await fixture.create({ name: "a" });
    await fixture.store.update(definition.id, (check) => ({ ...check, origin: "file" }));
    const url = `${CHECKS}${definition.id}`;
    const changed = await fixture.ask(url, { key: apiKey, body: { name: "b" } });
    expect([changed.status, changed.value]).toEqual([409, { error: expect.stringContaining("heartbeat file") }]);
    expect((await fixture.ask(url, { key: apiKey, method: "DELETE" })).status).toBe(409);
    expect((await fixture.ask(url, { key: apiKey, body: { name: "a" } })).status).toBe(200);
    expect((await fixture.ask(CHECKS, { key: apiKey, body: { name: "a", unique: ["name"] } })).status).toBe(200);
    expect((await fixture.ask(`${url}/pause`, { key: apiKey, method: "POST" })).status).toBe(200);
    expect(fixture.store.get(definition.id)?.definition.name).toBe("a");
  });
});

describe("management API: anything", () => {
  const FIELDS = [
    "name",
    "slug",
    "tags",
    "desc",
    "timeout",
    "grace",
    "schedule",
    "tz",
    "manual_resume",
    "methods",
    "channels",
    "start_kw",
    "subject",
    "filter_body",
    "unique",
  ];

  test("create - whatever the fields are, it is made or refused, and every reader can read it", async () => {
    const value = fc.oneof(
      fc.string({ unit: "binary", maxLength: 120 }),
      fc.constantFrom("0 4 * * *", "Mon 04:00", "Europe/Riga", "*", "hook", "POST", 60, 86_400, true, false),
      fc.jsonValue(),
    );
    const body = fc.dictionary(fc.constantFrom(...FIELDS), value);
    const open = await new HeartbeatFixture().open({ maxChecks: 1_000_000 });
    await fc.assert(
      fc.asyncProperty(body, async (given) => {
        const { status } = await open.ask(CHECKS, { key: apiKey, body: given });
        expect([200, 201, 400]).toContain(status);
      }),
      { numRuns: 60 },
    );
    const list = await open.ask(CHECKS, { key: apiKey });
    expect(list.value).toEqual({ checks: expect.anything() });
    const metrics = await open.ask(`/checks/metrics/${readonlyApiKey}`);
    for (const line of metrics.text.split("\n")) {
      expect(line).toMatch(/^(# (HELP|TYPE) .*|[a-z_]+(\{(\w+="([^"\\]|\\.)*"(, )?)+\})? [\d.]+|)$/u);
    }
    expect((await open.ask("/api/v3/badges/", { key: readonlyApiKey })).status).toBe(200);
  });
});
