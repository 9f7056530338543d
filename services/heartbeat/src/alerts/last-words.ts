import type { Logger } from "@monotreme/telemetry";
import { messageOf } from "@monotreme/errors";
import type { Flip } from "../checks/check.ts";
import type { LoadedCheck } from "../checks/check-store.ts";
import { lastPingOf, type NewestPing } from "../history/last-ping.ts";

export interface LastWordsOptions {
  /** The newest recorded ping that can be found at once. */
  readonly newest: (checkId: string) => Promise<NewestPing>;
  readonly logger: Logger;
  /** Epoch ms. */
  readonly now: () => number;
}

/** About what a notification shows. */
const MAX_BYTES = 1000;
/** When hundreds of checks go down at once nobody reads what each of them said, and their alerts must not wait. */
const BURST = 50;
const REFILL_MS = 100;

/** Finds the end of what a job's last ping said, for its alert; gives nothing rather than to let an alert wait or fail. */
export class LastWords {
  readonly #options: LastWordsOptions;
  #left = BURST;
  #countedMs = Number.NEGATIVE_INFINITY;

  constructor(options: LastWordsOptions) {
    this.#options = options;
  }

  /** Never rejects. */
  async of(check: LoadedCheck, reason: Flip["reason"]): Promise<string | undefined> {
    if (check.state.pingCount === 0 || !this.#mayRead()) return undefined;
    try {
      const ping = await lastPingOf(check, this.#options.newest, { isNew: reason === "fail" });
      return ping === undefined ? undefined : endOf(ping.body);
    } catch (error) {
      this.#options.logger.debug(
        { reason: messageOf(error), check: check.definition.id },
        "an alert goes without output",
      );
      return undefined;
    }
  }

  #mayRead(): boolean {
    const nowMs = this.#options.now();
    this.#left = Math.min(BURST, this.#left + Math.max(0, nowMs - this.#countedMs) / REFILL_MS);
    this.#countedMs = nowMs;
    if (this.#left < 1) return false;
    this.#left--;
    return true;
  }
}

/** All but line feeds and tabs. */
const CONTROL = /(?![\n\t])\p{Cc}/gu;

/** The last part of a body as text, cut between characters. */
export function endOf(body: Uint8Array): string {
  let from = Math.max(0, body.length - MAX_BYTES);
  const isCut = from > 0;
  while (isCut && from < body.length && isContinuation(body[from] ?? 0)) from++;
  const text = new TextDecoder().decode(body.subarray(from)).replaceAll(CONTROL, "").trim();
  return isCut && text !== "" ? `…${text}` : text;
}

function isContinuation(byte: number): boolean {
  return (byte & 0xc0) === 0x80;
}
