import { setTimeout as sleep } from "node:timers/promises";

import { DeliveryError } from "../delivery-error.ts";
import { MESSAGE_LIMIT_BYTES } from "./ntfy-payload.ts";
import { RequestBudget, type RequestBudgetOptions } from "./request-budget.ts";

/** A longer wait would hold a delivery's place for nothing; the job comes back instead. */
const MAX_WAIT_MS = 10_000;
const FIRST_BACKOFF_MS = 5_000;
const MAX_BACKOFF_MS = 10 * 60_000;
const LEAST_MESSAGE_LIMIT_BYTES = 1_024;
const DAY_MS = 86_400_000;
const MAX_SERVERS = 1_000;

/** The time, as servers need it. */
export interface NtfyClock {
  /** Epoch milliseconds. */
  now(): number;
  /** Resolves after the time, rejects when the signal aborts; a timer of the process where not given. */
  wait?(delayMs: number, signal: AbortSignal): Promise<void>;
}

/**
 * What this process knows of one ntfy server for one user: how many requests it takes, how long it wants to be left
 * alone, how long messages may be. Shared by all receivers that publish there.
 */
export class NtfyServer {
  readonly #clock: NtfyClock;
  readonly #budget: RequestBudget;
  #refusals = 0;
  #leftAloneUntilMs = 0;
  #quotaSpentUntilMs = 0;
  #messageLimitBytes = MESSAGE_LIMIT_BYTES;

  constructor(clock: NtfyClock, limit: RequestBudgetOptions) {
    this.#clock = clock;
    this.#budget = new RequestBudget(limit, clock.now());
  }

  get nowMs(): number {
    return this.#clock.now();
  }

  /** How long a message may be; shorter once the server has refused longer ones. */
  get messageLimitBytes(): number {
    return this.#messageLimitBytes;
  }

  /**
   * Resolves when a request may be sent. Rejects with `rateLimited` and the time to come back where that is too far
   * away, or where the signal aborts first; for good where the day's messages are used up.
   */
  async acquire(signal: AbortSignal): Promise<void> {
    const nowMs = this.#clock.now();
    if (nowMs < this.#quotaSpentUntilMs) throw quotaSpent(this.#quotaSpentUntilMs - nowMs);
    const delayMs = Math.max(this.#leftAloneUntilMs - nowMs, this.#budget.delayMs(nowMs));
    if (delayMs > MAX_WAIT_MS || (delayMs > 0 && signal.aborted)) throw tooMany(delayMs);
    this.#budget.take(nowMs);
    if (delayMs <= 0) return;
    try {
      await (this.#clock.wait?.(delayMs, signal) ?? sleep(delayMs, undefined, { signal }));
    } catch {
      this.#budget.giveBack();
      throw tooMany(Math.max(0, nowMs + delayMs - this.#clock.now()));
    }
  }

  /** The server took a request: the next refusal starts with a short wait again. */
  noteTaken(): void {
    this.#refusals = 0;
  }

  /** 429: nothing is sent for as long as the server says, else for 5 s, doubled with each refusal up to 10 min. */
  noteTooMany(retryAfterMs: number | undefined): DeliveryError {
    const nowMs = this.#clock.now();
    const backoffMs = Math.min(MAX_BACKOFF_MS, FIRST_BACKOFF_MS * 2 ** Math.min(this.#refusals, 16));
    const waitMs = Math.min(DAY_MS, Math.max(backoffMs, retryAfterMs ?? 0));
    this.#refusals += 1;
    this.#leftAloneUntilMs = Math.max(this.#leftAloneUntilMs, nowMs + waitMs);
    this.#budget.empty(nowMs);
    return tooMany(this.#leftAloneUntilMs - nowMs);
  }

  /** The day's messages are used up; ntfy counts them anew at midnight UTC. */
  noteQuotaSpent(): DeliveryError {
    const nowMs = this.#clock.now();
    this.#quotaSpentUntilMs = (Math.floor(nowMs / DAY_MS) + 1) * DAY_MS;
    return quotaSpent(this.#quotaSpentUntilMs - nowMs);
  }

  /** A message was too long: the next ones are half as long. False where they are short already. */
  shrinkMessages(): boolean {
    if (this.#messageLimitBytes <= LEAST_MESSAGE_LIMIT_BYTES) return false;
    this.#messageLimitBytes = Math.max(LEAST_MESSAGE_LIMIT_BYTES, Math.floor(this.#messageLimitBytes / 2));
    return true;
  }
}

/** The servers that this process publishes to; outlives reloads of the configuration. The least used of 1,000 goes. */
export class NtfyServers {
  readonly #clock: NtfyClock;
  readonly #servers = new Map<string, { readonly server: NtfyServer; readonly limit: string }>();

  constructor(clock: NtfyClock) {
    this.#clock = clock;
  }

  /** The server at this address for this `identity` (what tells its users apart); a changed limit starts anew. */
  at(address: string, identity: string, limit: RequestBudgetOptions): NtfyServer {
    const key = `${address} ${identity}`;
    const shownLimit = `${limit.burst}/${limit.refillMs}`;
    const known = this.#servers.get(key);
    const entry =
      known?.limit === shownLimit ? known : { server: new NtfyServer(this.#clock, limit), limit: shownLimit };
    this.#servers.delete(key);
    this.#servers.set(key, entry);
    for (const oldest of this.#servers.keys()) {
      if (this.#servers.size <= MAX_SERVERS) break;
      this.#servers.delete(oldest);
    }
    return entry.server;
  }
}

function tooMany(retryAfterMs: number): DeliveryError {
  return new DeliveryError("the ntfy server takes no more requests for now", {
    isRetryable: true,
    reason: "rateLimited",
    retryAfterMs: Math.max(0, Math.ceil(retryAfterMs)),
  });
}

function quotaSpent(retryAfterMs: number): DeliveryError {
  return new DeliveryError("the day's messages of the ntfy server are used up until midnight UTC", {
    isRetryable: false,
    reason: "rateLimited",
    retryAfterMs,
  });
}
