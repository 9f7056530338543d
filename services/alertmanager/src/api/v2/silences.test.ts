import { describe, expect, test } from "vitest";
import { ApiFixture } from "../api-fixture.ts";

const MINUTE_MS = 60_000;
const UNKNOWN_ID = "11111111-2222-4333-8444-555555555555";

function postable(fixture: ApiFixture, changes: object = {}): object {
  const { nowMs } = fixture.silences;
  return {
    matchers: [{ name: "alertname", value: "A", isRegex: false }],
    startsAt: new Date(nowMs).toISOString(),
    endsAt: new Date(nowMs + 60 * MINUTE_MS).toISOString(),
    createdBy: "operator",
    comment: "maintenance",
    ...changes,
  };
}

async function create(fixture: ApiFixture, changes: object = {}): Promise<string> {
  const { status, body } = await fixture.ask("POST", "/api/v2/silences", postable(fixture, changes));
  expect(status, body).toBe(200);
  return JSON.parse(body).silenceID;
}

describe("silences of the API", () => {
  test("silences of the API - a created silence is shown in upstream's shape", async () => {
    const fixture = new ApiFixture();
    await fixture.open();
    const id = await create(fixture, { annotations: { ticket: "7" } });
    const expected = {
      id,
      status: { state: "active" },
      updatedAt: "2026-01-01T00:00:00.000Z",
      annotations: { ticket: "7" },
      comment: "maintenance",
      createdBy: "operator",
      endsAt: "2026-01-01T01:00:00.000Z",
      matchers: [{ isEqual: true, isRegex: false, name: "alertname", value: "A" }],
      startsAt: "2026-01-01T00:00:00.000Z",
    };
    const one = await fixture.ask("GET", `/api/v2/silence/${id}`);
    expect(JSON.parse(one.body)).toEqual(expected);
    expect(one.headers).toMatchObject({
      "cache-control": "no-store",
      "access-control-allow-origin": "*",
      "content-type": "application/json; charset=utf-8",
    });
    expect(JSON.parse((await fixture.ask("GET", "/api/v2/silences")).body)).toEqual([expected]);
  });

  test("silences of the API - the order is active by end, pending by start, expired latest first", async () => {
    const fixture = new ApiFixture();
    const store = await fixture.open();
    const { nowMs } = fixture.silences;
    const at = (minutes: number): string => new Date(nowMs + minutes * MINUTE_MS).toISOString();
    const expiredFirst = await create(fixture, { endsAt: at(1) });
    const expiredLast = await create(fixture, { endsAt: at(2) });
    const pendingLate = await create(fixture, { startsAt: at(50), endsAt: at(55) });
    const pendingEarly = await create(fixture, { startsAt: at(40), endsAt: at(60) });
    const activeLong = await create(fixture, { endsAt: at(90) });
    const activeShort = await create(fixture, {
      endsAt: at(80),
      matchers: [
        { name: "job", value: "x|y", isRegex: true, isEqual: false },
        { name: "a", value: "b", isRegex: false },
      ],
    });
    fixture.silences.nowMs += 5 * MINUTE_MS;
    const ids = async (query: string): Promise<string[]> => {
      const list: { id: string }[] = JSON.parse((await fixture.ask("GET", `/api/v2/silences${query}`)).body);
      return list.map(({ id }) => id);
    };
    const active = [activeShort, activeLong];
    const pending = [pendingEarly, pendingLate];
    const expired = [expiredLast, expiredFirst];
    expect(await ids("")).toEqual([...active, ...pending, ...expired]);
    expect(await ids("?expired=false")).toEqual([...active, ...pending]);
    expect(await ids("?active=false&pending=false")).toEqual(expired);
    expect(await ids(`?filter=${encodeURIComponent('job!~"x|y"')}`)).toEqual([activeShort]);
    expect(await ids(`?filter=${encodeURIComponent('job!~"x|y"')}&filter=a=c`)).toEqual([]);
    expect(await ids(`?filter=${encodeURIComponent('job="x"')}`)).toEqual([]);
    expect(store.list()).toHaveLength(6);
  });

  test("silences of the API - what breaks the schema is named as upstream names it", async () => {
    const fixture = new ApiFixture();
    await fixture.open();
    const f = async (body: unknown, status: number, code: number, message: string | RegExp): Promise<void> => {
      const answer = await fixture.ask("POST", "/api/v2/silences", body);
      const parsed: { code: number; message: string } = JSON.parse(answer.body);
      expect([answer.status, parsed.code], answer.body).toEqual([status, code]);
      expect(parsed.message).toMatch(message);
    };
    await f("", 422, 602, /^silence in body is required$/);
    await f("{", 400, 400, /^parsing silence body from "" failed, because /);
    await f("[]", 400, 400, /^parsing silence body from "" failed, because /);
    await f({}, 422, 602, /^comment in body is required$/);
    await f(postable(fixture, { comment: null }), 422, 602, /^comment in body is required$/);
    await f(postable(fixture, { createdBy: undefined }), 422, 602, /^createdBy in body is required$/);
    await f(postable(fixture, { endsAt: undefined }), 422, 602, /^endsAt in body is required$/);
    await f(postable(fixture, { matchers: undefined }), 422, 602, /^matchers in body is required$/);
    await f(postable(fixture, { matchers: [] }), 422, 612, /^matchers in body should have at least 1 items$/);
    await f(postable(fixture, { startsAt: undefined }), 422, 602, /^startsAt in body is required$/);
    await f(postable(fixture, { startsAt: "soon" }), 400, 400, /^parsing silence body from "" failed, because /);
    await f(postable(fixture, { matchers: "a=b" }), 400, 400, /^parsing silence body from "" failed, because /);
    const matcher = { name: "a", value: "b", isRegex: false };
    const second = (changes: object) => postable(fixture, { matchers: [matcher, { ...matcher, ...changes }] });
    await f(second({ name: undefined }), 422, 602, /^matchers\.1\.name in body is required$/);
    await f(second({ value: undefined }), 422, 602, /^matchers\.1\.value in body is required$/);
    await f(second({ isRegex: undefined }), 422, 602, /^matchers\.1\.isRegex in body is required$/);
    await f(second({ isRegex: "no" }), 400, 400, /^parsing silence body from "" failed, because /);
    const form = await fixture.send("POST", "/api/v2/silences", { payload: "a=b", type: "text/plain" });
    expect([form.status, JSON.parse(form.body).code]).toEqual([415, 415]);
    const large = await fixture.ask("POST", "/api/v2/silences", postable(fixture, { comment: "x".repeat(20_000) }));
    expect(large.status).toBe(413);
  });

  test("silences of the API - what cannot be met is answered with a bare string", async () => {
    const fixture = new ApiFixture();
    await fixture.open({ silences: { maxSilences: 1 } });
    const f = async (changes: object, status: number, text: string | RegExp): Promise<void> => {
      const answer = await fixture.ask("POST", "/api/v2/silences", postable(fixture, changes));
      expect(answer.status, answer.body).toBe(status);
      expect(JSON.parse(answer.body)).toMatch(text);
    };
    await f(
      { startsAt: "2026-01-01T02:00:00Z" },
      400,
      /^failed to create silence: start time must be before end time$/,
    );
    await f(
      { startsAt: "2025-01-01T00:00:00+01:00", endsAt: "2025-12-31T23:00:00.5Z" },
      400,
      /^failed to create silence: end time can't be in the past$/,
    );
    const pattern = [{ name: "a", value: "(", isRegex: true }];
    await f({ matchers: pattern }, 400, /^invalid silence: invalid label matcher 0: /);
    await f(
      { matchers: [{ name: "a", value: ".*", isRegex: true }] },
      400,
      /^invalid silence: at least one matcher must not match the empty string$/,
    );
    await f({ id: UNKNOWN_ID }, 404, /^silence not found/);
    await create(fixture);
    await f({}, 400, /^exceeded maximum number of silences: 2 \(limit: 1\)$/);
    const filter = await fixture.ask("GET", "/api/v2/silences?filter=%7B");
    expect([filter.status, JSON.parse(filter.body)]).toEqual([
      400,
      "bad matcher format: unexpected open or close brace: {",
    ]);
  });

  test("silences of the API - ending is idempotent, and an unknown id has an empty 404", async () => {
    const fixture = new ApiFixture();
    await fixture.open();
    const id = await create(fixture);
    for (let i = 0; i < 2; i++) {
      const answer = await fixture.ask("DELETE", `/api/v2/silence/${id}`);
      expect([answer.status, answer.body]).toEqual([200, ""]);
    }
    expect(JSON.parse((await fixture.ask("GET", `/api/v2/silence/${id}`)).body).status).toEqual({ state: "expired" });
    for (const method of ["GET", "DELETE"] as const) {
      const unknown = await fixture.ask(method, `/api/v2/silence/${UNKNOWN_ID}`);
      expect([unknown.status, unknown.body]).toEqual([404, ""]);
      const bad = await fixture.ask(method, "/api/v2/silence/nonsense");
      expect([bad.status, JSON.parse(bad.body)]).toEqual([
        422,
        { code: 601, message: 'silenceID in path must be of type uuid: "nonsense"' },
      ]);
    }
  });
});
