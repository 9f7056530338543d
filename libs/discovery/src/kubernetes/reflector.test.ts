import { FakeClock } from "@monotreme/clock/testing";
import { createSilentLogger } from "@monotreme/telemetry";
import { describe, expect, test } from "vitest";
import type { ApiRequest, KubernetesApi } from "./api/kubernetes-api.ts";
import { KubernetesApiError } from "./api/kubernetes-api-error.ts";
import type { JsonObject } from "./objects/json-value.ts";
import { type ObjectMeta, readObjectMeta } from "./objects/object-meta.ts";
import { Reflector } from "./reflector.ts";

const object = (name: string, version = "1", labels = {}) => ({
  metadata: { name, namespace: "a", resourceVersion: version, labels },
});
const page = (names: readonly string[], version: string, next?: string): JsonObject => ({
  metadata: { resourceVersion: version, ...(next === undefined ? {} : { continue: next }) },
  items: names.map((name) => object(name)),
});

/** A watch that the test writes into. */
class FakeWatch implements AsyncIterable<JsonObject> {
  readonly #events: (() => JsonObject)[] = [];
  #wake: () => void = () => undefined;
  #isEnded = false;

  send(type: string, event: JsonObject): void {
    this.#events.push(() => ({ type, object: event }));
    this.#wake();
  }

  breaks(error: Error): void {
    this.#events.push(() => {
      throw error;
    });
    this.#wake();
  }

  end(): void {
    this.#isEnded = true;
    this.#wake();
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<JsonObject, void, undefined> {
    for (;;) {
      const next = this.#events.shift();
      if (next !== undefined) yield next();
      else if (this.#isEnded) return;
      else await new Promise<void>((resolve) => (this.#wake = resolve));
    }
  }
}

type Answer = JsonObject | Error | FakeWatch;

function bench() {
  const clock = new FakeClock(0);
  const answers: Answer[] = [];
  const asked: string[] = [];
  const events: string[] = [];
  const take = (request: ApiRequest): JsonObject | FakeWatch => {
    const { watch, resourceVersion, continue: next, limit } = request.parameters;
    const what =
      watch === undefined ? `list ${next ?? ""}${limit === undefined ? "whole" : ""}` : `watch ${resourceVersion}`;
    asked.push(`${clock.now()} ${what.trim()}`);
    const answer = answers.shift() ?? new FakeWatch();
    request.signal.addEventListener("abort", () => answer instanceof FakeWatch && answer.breaks(new Error("aborted")));
    if (answer instanceof Error) throw answer;
    return answer;
  };
  const api: KubernetesApi = {
    list: async (request) => {
      const answer = take(request);
      if (answer instanceof FakeWatch) throw new Error("a list was not expected");
      return answer;
    },
    watch: async (request) => {
      const answer = take(request);
      if (!(answer instanceof FakeWatch)) throw new Error("a watch was not expected");
      return answer;
    },
    ownNamespace: async () => "a",
    close: () => undefined,
  };
  const store = new Map<string, ObjectMeta>();
  const state = { synced: 0, failures: 0 };
  const reflector = new Reflector<ObjectMeta>({
    api,
    path: "/p",
    isMetadataOnly: false,
    labelSelector: "",
    fieldSelector: "",
    read: readObjectMeta,
    store,
    owns: (key) => key.startsWith("a/"),
    onEvent: (key, event, isSame) => events.push(`${event} ${key}${isSame ? " same" : ""}`),
    onSynced: () => state.synced++,
    onFailure: () => state.failures++,
    clock,
    random: () => 0,
    logger: createSilentLogger(),
  });
  return { clock, answers, asked, events, store, state, reflector };
}

describe("reflector", () => {
  test("reflector - lists in pages, then watches from the list's version", async () => {
    const { clock, answers, asked, events, store, state, reflector } = bench();
    answers.push(page(["x"], "7", "next"), page(["y"], "7"));
    reflector.start();
    await clock.advance(0);
    expect(asked).toEqual(["0 list", "0 list next", "0 watch 7"]);
    expect(events).toEqual(["add a/x", "add a/y"]);
    expect([...store.keys()]).toEqual(["a/x", "a/y"]);
    expect(state).toEqual({ synced: 1, failures: 0 });
    await reflector.close();
  });

  test("reflector - events and bookmarks move the version on", async () => {
    const { clock, answers, asked, events, store, reflector } = bench();
    const watch = new FakeWatch();
    answers.push(page(["x"], "7"), watch);
    reflector.start();
    await clock.advance(2000);
    watch.send("ADDED", object("y", "8"));
    watch.send("MODIFIED", object("x", "9", { l: "1" }));
    watch.send("MODIFIED", object("x", "10", { l: "1" }));
    watch.send("DELETED", object("y", "11"));
    watch.send("BOOKMARK", { metadata: { resourceVersion: "20" } });
    watch.end();
    await clock.advance(0);
    expect(events.slice(1)).toEqual(["add a/y", "update a/x", "update a/x same", "delete a/y"]);
    expect(store.get("a/x")?.labels).toEqual({ l: "1" });
    expect(asked.at(-1)).toBe("2000 watch 20");
    await reflector.close();
  });

  test("reflector - a broken connection goes on from the last event and is no failure", async () => {
    const { clock, answers, asked, state, reflector } = bench();
    const watch = new FakeWatch();
    answers.push(page([], "7"), watch);
    reflector.start();
    await clock.advance(0);
    watch.send("ADDED", object("y", "8"));
    watch.breaks(new Error("socket hang up"));
    await clock.advance(1000);
    expect(asked).toEqual(["0 list", "0 watch 7", "1000 watch 8"]);
    expect(state.failures).toBe(0);
    await reflector.close();
  });

  for (const how of ["status", "event"] as const) {
    test(`reflector - gone by ${how} lists again at once; nothing leaves the store before the new list is whole`, async () => {
      const { clock, answers, asked, events, store, state, reflector } = bench();
      const gone = new KubernetesApiError("too old", 410);
      const watch = new FakeWatch();
      if (how === "event") watch.send("ERROR", { code: 410, message: "too old" });
      answers.push(page(["x", "y"], "7"), how === "status" ? gone : watch);
      answers.push(page(["y"], "9", "n"), new KubernetesApiError("500", 500));
      reflector.start();
      await clock.advance(0);
      expect(asked).toEqual(["0 list", "0 watch 7", "0 list", "0 list n"]);
      expect([...store.keys()]).toEqual(["a/x", "a/y"]);
      answers.push(page(["y", "z"], "10"));
      await clock.advance(1000);
      expect(events.slice(2)).toEqual(["delete a/x", "update a/y same", "add a/z"]);
      expect(asked.at(-1)).toBe("1000 watch 10");
      expect(state).toEqual({ synced: 1, failures: 1 });
      await reflector.close();
    });
  }

  test("reflector - a version forgotten again and again is asked for ever more slowly", async () => {
    const { clock, answers, asked, reflector } = bench();
    for (let i = 0; i < 5; i++) answers.push(page([], String(i)), new KubernetesApiError("too old", 410));
    reflector.start();
    await clock.advance(14_000);
    expect(asked.filter((each) => each.includes("list"))).toEqual([
      "0 list",
      "0 list",
      "2000 list",
      "6000 list",
      "14000 list",
    ]);
    await reflector.close();
  });

  test("reflector - pages that expire are read in one piece", async () => {
    const { clock, answers, asked, store, reflector } = bench();
    answers.push(page(["x"], "7", "next"), new KubernetesApiError("expired", 410), page(["x", "y"], "9"));
    reflector.start();
    await clock.advance(0);
    expect(asked).toEqual(["0 list", "0 list next", "0 list whole", "0 watch 9"]);
    expect(store.size).toBe(2);
    await reflector.close();
  });

  test("reflector - failures are tried again with growing pauses, or as the server asks", async () => {
    const { clock, answers, asked, state, reflector } = bench();
    answers.push(new Error("refused"), new Error("refused"), new KubernetesApiError("busy", 429, 20_000));
    reflector.start();
    await clock.advance(23_000);
    expect(asked).toEqual(["0 list", "1000 list", "3000 list", "23000 list"].slice(0, asked.length));
    expect(asked.at(-1)).toBe("23000 list");
    expect(state.failures).toBeGreaterThanOrEqual(3);
    expect(state.synced).toBe(0);
    await reflector.close();
  });

  test("reflector - a watch that fails twice in a row lists again", async () => {
    const { clock, answers, asked, reflector } = bench();
    answers.push(page([], "7"), new KubernetesApiError("no", 500), new KubernetesApiError("no", 500), page([], "8"));
    reflector.start();
    await clock.advance(3000);
    expect(asked).toEqual(["0 list", "0 watch 7", "1000 watch 7", "3000 list", "3000 watch 8"]);
    await reflector.close();
  });

  test("reflector - a watch that nobody ends is ended after its time", async () => {
    const { clock, answers, asked, reflector } = bench();
    answers.push(page([], "7"));
    reflector.start();
    await clock.advance(329_999);
    expect(asked).toHaveLength(2);
    await clock.advance(1);
    expect(asked.at(-1)).toBe("330000 watch 7");
    await reflector.close();
  });

  test("reflector - watches that end at once do not become a flood", async () => {
    const { clock, answers, asked, reflector } = bench();
    answers.push(page([], "7"));
    for (let i = 0; i < 4; i++) {
      const watch = new FakeWatch();
      watch.end();
      answers.push(watch);
    }
    reflector.start();
    await clock.advance(7000);
    expect(asked.slice(1)).toEqual(["0 watch 7", "1000 watch 7", "3000 watch 7", "7000 watch 7"]);
    await reflector.close();
  });

  test("reflector - leaves what others keep in the same store alone", async () => {
    const { clock, answers, store, reflector } = bench();
    store.set("b/other", readObjectMeta(object("other")));
    answers.push(page([], "7"));
    reflector.start();
    await clock.advance(0);
    expect([...store.keys()]).toEqual(["b/other"]);
    await reflector.close();
  });

  test("reflector - a list without a version is a failure", async () => {
    const { clock, answers, state, reflector } = bench();
    answers.push({ items: [] });
    reflector.start();
    await clock.advance(0);
    expect(state).toEqual({ synced: 0, failures: 1 });
    await reflector.close();
  });
});
