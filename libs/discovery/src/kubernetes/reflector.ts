import { isDeepStrictEqual } from "node:util";
import { type Clock, sleep } from "@monotreme/clock";
import { messageOf } from "@monotreme/errors";
import type { Logger } from "@monotreme/telemetry";
import type { KubernetesEvent } from "../discovery-metrics.ts";
import type { KubernetesApi } from "./api/kubernetes-api.ts";
import { errorOfEvent, isGone, isUnknownResource, KubernetesApiError } from "./api/kubernetes-api-error.ts";
import { type JsonObject, objectOf, objectsOf, textOf } from "./objects/json-value.ts";
import { objectKey, type ObjectName } from "./objects/object-meta.ts";
import { retryDelayMs } from "./retry-delay.ts";

/** Small pages keep the peak low: 5,000 pods of 13 kB take 110 MB while they are read with 100, 330 MB with 500. */
const PAGE_SIZE = "100";
const LIST_TIMEOUT_MS = 120_000;
/** A watch is asked to last for 5 to 10 minutes, so that a connection that died unseen is noticed. */
const WATCH_SECONDS = 300;
/** What the server may be late with ending a watch. */
const WATCH_GRACE_MS = 30_000;
/** A watch that lasted this long was a good one. */
const GOOD_WATCH_MS = 1000;

export interface ReflectorOptions<T extends ObjectName> {
  readonly api: KubernetesApi;
  readonly path: string;
  readonly isMetadataOnly: boolean;
  readonly labelSelector: string;
  readonly fieldSelector: string;
  readonly read: (json: JsonObject) => T;
  /** Kept up to date; other reflectors may keep other keys in it. */
  readonly store: Map<string, T>;
  /** Whether a key in the store is this reflector's. */
  readonly owns: (key: string) => boolean;
  /** Called after the store has changed; a change of what is not kept is counted (`isSame`) but changes nothing. */
  readonly onEvent: (key: string, event: KubernetesEvent, isSame: boolean) => void;
  /** Called once, when the first whole list is in the store. */
  readonly onSynced: () => void;
  readonly onFailure: (error: unknown) => void;
  /** Called whenever a whole list was read or a watch was opened. */
  readonly onAnswer?: () => void;
  readonly clock: Clock;
  readonly random: () => number;
  readonly logger: Logger;
}

/**
 * Keeps a store equal to what the API server has of one kind: a list in pages, then a watch from its version on, both
 * again and again. Whatever fails, what is in the store stays until a whole new list says otherwise.
 */
export class Reflector<T extends ObjectName> {
  readonly #options: ReflectorOptions<T>;
  readonly #stopping = new AbortController();
  #attempt = new AbortController();
  #version: string | undefined;
  #isSynced = false;
  #failures = 0;
  /** How often in a row the server did not know a version that it had just given. */
  #forgotten = 0;
  #lastFailure: string | undefined;
  #running: Promise<void> | undefined;

  constructor(options: ReflectorOptions<T>) {
    this.#options = options;
  }

  start(): void {
    this.#running ??= this.#run();
  }

  async close(): Promise<void> {
    this.#stopping.abort();
    this.#attempt.abort();
    await this.#running;
  }

  async #run(): Promise<void> {
    while (!this.#stopping.signal.aborted) {
      try {
        const version = this.#version ?? (await this.#list());
        await this.#watch(version);
      } catch (error) {
        if (!this.#stopping.signal.aborted) await this.#recover(error);
      }
    }
  }

  async #list(): Promise<string> {
    try {
      return await this.#listPages(PAGE_SIZE);
    } catch (error) {
      if (!isGone(error)) throw error;
      // The server forgot the list's version while pages were read: the whole list in one piece cannot expire.
      return this.#listPages(undefined);
    }
  }

  async #listPages(limit: string | undefined): Promise<string> {
    const { api, path, isMetadataOnly, labelSelector, fieldSelector, read } = this.#options;
    const found = new Map<string, T>();
    let continueToken: string | undefined;
    for (;;) {
      const page = await this.#within(LIST_TIMEOUT_MS, (signal) => {
        const parameters = {
          labelSelector: labelSelector || undefined,
          fieldSelector: fieldSelector || undefined,
          limit,
          continue: continueToken,
        };
        return api.list({ path, parameters, isMetadataOnly, signal });
      });
      for (const item of objectsOf(page["items"])) {
        const object = read(item);
        found.set(objectKey(object.namespace, object.name), object);
      }
      const metadata = objectOf(page["metadata"]);
      continueToken = textOf(metadata["continue"]) || undefined;
      if (continueToken !== undefined) continue;
      const version = textOf(metadata["resourceVersion"]);
      if (version === "") throw new KubernetesApiError("a list has no resourceVersion", 0);
      this.#replace(found);
      this.#version = version;
      return version;
    }
  }

  #replace(found: ReadonlyMap<string, T>): void {
    const { store, owns, onSynced, onAnswer } = this.#options;
    for (const key of store.keys()) if (owns(key) && !found.has(key)) this.#remove(key);
    for (const [key, object] of found) this.#put(key, object);
    this.#failures = 0;
    this.#tellRecovery();
    onAnswer?.();
    if (this.#isSynced) return;
    this.#isSynced = true;
    onSynced();
  }

  async #watch(version: string): Promise<void> {
    const { api, path, isMetadataOnly, labelSelector, fieldSelector, onAnswer, clock, random } = this.#options;
    const seconds = Math.round(WATCH_SECONDS * (1 + random()));
    const startedMs = clock.now();
    await this.#within(seconds * 1000 + WATCH_GRACE_MS, async (signal) => {
      const parameters = {
        watch: "true",
        allowWatchBookmarks: "true",
        resourceVersion: version,
        timeoutSeconds: String(seconds),
        labelSelector: labelSelector || undefined,
        fieldSelector: fieldSelector || undefined,
      };
      const events = await api.watch({ path, parameters, isMetadataOnly, signal });
      onAnswer?.();
      await this.#follow(events);
    });
    if (clock.now() - startedMs >= GOOD_WATCH_MS) this.#markGood();
    // One that ends at once, again and again, must not become a flood.
    else await this.#pause(++this.#failures, 0);
  }

  /** A connection that breaks ends the watch as the server's own end does: it goes on from the last event. */
  async #follow(events: AsyncIterable<JsonObject>): Promise<void> {
    try {
      for await (const event of events) this.#take(event);
    } catch (error) {
      if (error instanceof KubernetesApiError || this.#stopping.signal.aborted) throw error;
      this.#options.logger.debug({ path: this.#options.path, reason: messageOf(error) }, "watch interrupted");
    }
  }

  #take(event: JsonObject): void {
    const json = objectOf(event["object"]);
    const type = textOf(event["type"]);
    if (type === "ERROR") throw errorOfEvent(json);
    if (type === "ADDED" || type === "MODIFIED" || type === "DELETED") {
      const object = this.#options.read(json);
      const key = objectKey(object.namespace, object.name);
      if (type === "DELETED") this.#remove(key);
      else this.#put(key, object);
    }
    const version = textOf(objectOf(json["metadata"])["resourceVersion"]);
    if (version !== "") this.#version = version;
    this.#markGood();
    this.#tellRecovery();
  }

  #markGood(): void {
    this.#failures = 0;
    this.#forgotten = 0;
  }

  #put(key: string, object: T): void {
    const { store, onEvent } = this.#options;
    const before = store.get(key);
    const isSame = before !== undefined && isDeepStrictEqual(before, object);
    if (!isSame) store.set(key, object);
    onEvent(key, before === undefined ? "add" : "update", isSame);
  }

  #remove(key: string): void {
    if (this.#options.store.delete(key)) this.#options.onEvent(key, "delete", false);
  }

  async #recover(error: unknown): Promise<void> {
    if (isGone(error)) {
      this.#version = undefined;
      // Once is nothing: servers forget old versions after some minutes.
      if (this.#forgotten++ > 0) await this.#pause(this.#forgotten, 0);
      return;
    }
    this.#options.onFailure(error);
    this.#tellFailure(error);
    // Where going on from the last event does not help, a new list may.
    if (this.#failures++ > 0) this.#version = undefined;
    await this.#pause(this.#failures, error instanceof KubernetesApiError ? error.retryAfterMs : 0);
  }

  async #pause(failures: number, retryAfterMs: number): Promise<void> {
    const { clock, random } = this.#options;
    await sleep(clock, retryDelayMs(failures, random(), retryAfterMs), this.#stopping.signal);
  }

  #tellFailure(error: unknown): void {
    const reason = messageOf(error);
    if (reason === this.#lastFailure) return;
    this.#lastFailure = reason;
    const { path, logger } = this.#options;
    // A kind that is defined later, as those of operators may be, is no fault.
    if (isUnknownResource(error))
      logger.warn({ path, reason }, "kubernetes kind not known to the server, waiting for it");
    else logger.error({ path, reason }, "kubernetes objects not followed");
  }

  #tellRecovery(): void {
    if (this.#lastFailure === undefined) return;
    this.#lastFailure = undefined;
    this.#options.logger.info({ path: this.#options.path }, "kubernetes objects followed again");
  }

  /** Ends what runs too long; a signal of its own for each request keeps nothing of it alive afterwards. */
  async #within<R>(timeoutMs: number, work: (signal: AbortSignal) => Promise<R>): Promise<R> {
    const attempt = new AbortController();
    this.#attempt = attempt;
    if (this.#stopping.signal.aborted) attempt.abort();
    const cancelTimer = this.#options.clock.after(timeoutMs, () => attempt.abort());
    try {
      return await work(attempt.signal);
    } finally {
      cancelTimer();
    }
  }
}
