import { FakeClock } from "@monotreme/clock/testing";
import { createSilentLogger } from "@monotreme/telemetry";
import { describe, expect, test } from "vitest";
import type { ApiRequest, KubernetesApi } from "./api/kubernetes-api.ts";
import { KubernetesApiError } from "./api/kubernetes-api-error.ts";
import { FollowedResource } from "./followed-resource.ts";
import type { JsonObject } from "./objects/json-value.ts";
import { type ObjectMeta, readObjectMeta } from "./objects/object-meta.ts";

type Answer = JsonObject | Error;

function listOf(namespace: string, ...names: string[]): JsonObject {
  return { metadata: { resourceVersion: "1" }, items: names.map((name) => ({ metadata: { name, namespace } })) };
}

/** A server that answers lists by namespace ("": all), and whose watches stay quiet. */
class Bench {
  readonly clock = new FakeClock(0);
  readonly answers = new Map<string, Answer>();
  readonly asked: ApiRequest[] = [];
  readonly seen = { changes: 0, states: 0, failures: 0, closed: 0 };
  readonly resource: FollowedResource<ObjectMeta>;

  constructor(namespaces: readonly string[] = []) {
    const api: KubernetesApi = {
      list: async (request) => this.#list(request),
      watch: async (request) => this.#quietWatch(request),
      ownNamespace: async () => "",
      close: () => this.seen.closed++,
    };
    this.resource = new FollowedResource({
      api,
      version: "apis/example.com/v1",
      plural: "things",
      namespaces,
      labelSelector: "team=a",
      read: readObjectMeta,
      onChange: () => this.seen.changes++,
      onState: () => this.seen.states++,
      onFailure: () => this.seen.failures++,
      clock: this.clock,
      random: () => 0,
      logger: createSilentLogger(),
    });
  }

  async start(): Promise<void> {
    this.resource.start();
    await this.clock.advance(0);
  }

  get keys(): string[] {
    return [...this.resource.objects.keys()];
  }

  #list(request: ApiRequest): JsonObject {
    this.asked.push(request);
    const namespace = /namespaces\/([^/]+)\//.exec(request.path)?.[1] ?? "";
    const answer = this.answers.get(namespace) ?? new Error("refused");
    if (answer instanceof Error) throw answer;
    return answer;
  }

  async #quietWatch({ signal }: ApiRequest): Promise<AsyncIterable<JsonObject>> {
    const next = async (): Promise<IteratorResult<JsonObject>> => {
      await new Promise((resolve) => signal.addEventListener("abort", resolve, { once: true }));
      return { done: true, value: undefined };
    };
    return { [Symbol.asyncIterator]: () => ({ next }) };
  }
}

const UNKNOWN = new KubernetesApiError("the API server answered 404", 404);

describe("followed resource", () => {
  test("followed resource - all namespaces by one list, selected by labels", async () => {
    const bench = new Bench();
    bench.answers.set("", listOf("a", "x", "y"));
    expect(bench.resource.states).toEqual(["starting"]);
    await bench.start();
    expect(bench.keys).toEqual(["a/x", "a/y"]);
    expect(bench.resource.states).toEqual(["followed"]);
    expect(bench.asked).toMatchObject([
      { path: "/apis/example.com/v1/things", parameters: { labelSelector: "team=a" }, isMetadataOnly: false },
    ]);
    await bench.resource.close();
    expect(bench.seen.closed).toBe(1);
  });

  test("followed resource - each namespace once; one that fails does not keep the others away", async () => {
    const bench = new Bench(["a", "b", "a"]);
    bench.answers.set("b", listOf("b", "x"));
    await bench.start();
    expect(bench.asked.map(({ path }) => path)).toEqual([
      "/apis/example.com/v1/namespaces/a/things",
      "/apis/example.com/v1/namespaces/b/things",
    ]);
    expect(bench.keys).toEqual(["b/x"]);
    expect(bench.resource.states).toEqual(["failing", "followed"]);
    expect(bench.seen.failures).toBe(1);
    bench.answers.set("a", listOf("a", "x"));
    await bench.clock.advance(1000);
    expect(bench.keys.toSorted()).toEqual(["a/x", "b/x"]);
    expect(bench.resource.states).toEqual(["followed", "followed"]);
    await bench.resource.close();
  });

  test("followed resource - a kind that is not defined is waited for, and is no failure", async () => {
    const bench = new Bench();
    bench.answers.set("", UNKNOWN);
    await bench.start();
    await bench.clock.advance(600_000);
    expect(bench.resource.states).toEqual(["unknown-kind"]);
    expect(bench.seen).toMatchObject({ failures: 0, states: 1, changes: 0 });
    bench.answers.set("", listOf("a", "x"));
    await bench.clock.advance(30_000);
    expect(bench.keys).toEqual(["a/x"]);
    expect(bench.resource.states).toEqual(["followed"]);
    await bench.resource.close();
  });
});
