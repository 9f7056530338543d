import type { HttpAnswer } from "@monotreme/http-client";

import { DeliveryError } from "../delivery-error.ts";
import { truncateRunes } from "../truncate-text.ts";
import { encodeDraft, type NtfyDraft } from "./ntfy-payload.ts";
import type { NtfyServer } from "./ntfy-server.ts";
import type { NtfyTarget } from "./ntfy-target.ts";

const MAX_ANSWER_BYTES = 64 * 1024;
const MAX_REASON_RUNES = 200;
const MAX_SHRINKS = 2;

const TOO_LONG_WITHOUT_ATTACHMENTS = 40014;
const DAY_QUOTA = 42908;

/** The part of `HttpClient` that publishing needs. */
export interface NtfyHttp {
  request(request: {
    readonly method: string;
    readonly url: string;
    readonly headers?: Readonly<Record<string, string>>;
    readonly body?: string;
    readonly signal: AbortSignal;
    readonly maxBytes?: number;
  }): Promise<HttpAnswer>;
}

/** What the server said of a message that it took. */
export interface NtfyReceipt {
  readonly id: string | undefined;
  /** Undefined where the server does not know sequences. */
  readonly sequenceId: string | undefined;
}

/** What ntfy's errors say; `code` is 0 where the answer was not ntfy's. */
interface NtfyFault {
  readonly status: number;
  readonly code: number;
  readonly text: string;
}

export interface NtfyPublisherOptions {
  readonly http: NtfyHttp;
  readonly server: NtfyServer;
  readonly target: NtfyTarget;
  /** Sent with each request; no error repeats it. */
  readonly authorization: string | undefined;
}

/** Speaks to one server on behalf of one notification, within the server's bounds. */
export class NtfyPublisher {
  readonly #options: NtfyPublisherOptions;

  constructor(options: NtfyPublisherOptions) {
    this.#options = options;
  }

  /** Publishes one message; a server that finds it too long gets it again, shortened. */
  async publish(draft: NtfyDraft, signal: AbortSignal): Promise<NtfyReceipt> {
    const { server, target } = this.#options;
    for (let shrinks = 0; ; shrinks++) {
      const body = encodeDraft(draft, server.messageLimitBytes);
      const answer = await this.#request("POST", target.server, body, signal);
      if (isSuccess(answer)) return receiptOf(answer);
      const fault = faultOf(answer);
      if (!isTooLong(fault) || shrinks === MAX_SHRINKS || !server.shrinkMessages()) throw this.#errorOf(fault, answer);
    }
  }

  /** Takes a sequence's message off the screens; false where the server does not know how. */
  async end(kind: "clear" | "delete", sequenceId: string, signal: AbortSignal): Promise<boolean> {
    const { target } = this.#options;
    const url = `${target.server}${target.topic}/${sequenceId}`;
    const answer = await (kind === "clear"
      ? this.#request("PUT", `${url}/clear`, undefined, signal)
      : this.#request("DELETE", url, undefined, signal));
    if (isSuccess(answer)) return true;
    if (answer.status === 404 || answer.status === 405) return false;
    throw this.#errorOf(faultOf(answer), answer);
  }

  async #request(method: string, url: string, body: string | undefined, signal: AbortSignal): Promise<HttpAnswer> {
    const { http, server, authorization } = this.#options;
    await server.acquire(signal);
    const answer = await http.request({
      method,
      url,
      headers: {
        "user-agent": "Monotreme",
        ...(body !== undefined && { "content-type": "application/json" }),
        ...(authorization !== undefined && { authorization }),
      },
      ...(body !== undefined && { body }),
      signal,
      maxBytes: MAX_ANSWER_BYTES,
    });
    if (answer.status !== 429) server.noteTaken();
    return answer;
  }

  #errorOf(fault: NtfyFault, answer: HttpAnswer): DeliveryError {
    const { server } = this.#options;
    if (fault.code === DAY_QUOTA) return server.noteQuotaSpent();
    if (fault.status === 429) return server.noteTooMany(retryAfterMs(answer, server.nowMs));
    const code = fault.code === 0 ? "" : ` (code ${fault.code})`;
    const message = `the ntfy server answered ${fault.status}${code}: ${this.#withoutSecret(fault.text)}`;
    if (fault.status >= 500) return new DeliveryError(message, { isRetryable: true, reason: "serverError" });
    const isAuth = fault.status === 401 || fault.status === 403;
    return new DeliveryError(message, { isRetryable: false, reason: isAuth ? "authError" : "clientError" });
  }

  #withoutSecret(text: string): string {
    const secret = this.#options.authorization?.split(" ").at(-1) ?? "";
    return secret === "" ? text : text.replaceAll(secret, "<secret>");
  }
}

function isSuccess(answer: HttpAnswer): boolean {
  return answer.status >= 200 && answer.status < 300;
}

/** 413 comes from ntfy itself (41303) or from a proxy before it. */
function isTooLong(fault: NtfyFault): boolean {
  return fault.code === TOO_LONG_WITHOUT_ATTACHMENTS || fault.status === 413;
}

function faultOf(answer: HttpAnswer): NtfyFault {
  const json = parseObject(answer.body);
  const code = json?.["code"];
  const error = json?.["error"];
  return {
    status: answer.status,
    code: typeof code === "number" ? code : 0,
    text: truncateRunes(typeof error === "string" ? error : answer.body.toString("utf8").trim(), MAX_REASON_RUNES),
  };
}

function receiptOf(answer: HttpAnswer): NtfyReceipt {
  const json = parseObject(answer.body);
  return { id: textOf(json?.["id"]), sequenceId: textOf(json?.["sequence_id"]) };
}

function textOf(value: unknown): string | undefined {
  return typeof value === "string" && value !== "" ? value : undefined;
}

function parseObject(body: Buffer): Readonly<Record<string, unknown>> | undefined {
  try {
    const json: unknown = JSON.parse(body.toString("utf8"));
    return typeof json === "object" && json !== null ? { ...json } : undefined;
  } catch {
    return undefined;
  }
}

/** Seconds or an HTTP date; undefined where the header is missing or makes no sense. */
function retryAfterMs(answer: HttpAnswer, nowMs: number): number | undefined {
  const value = answer.headers["retry-after"];
  if (value === undefined) return undefined;
  const seconds = Number(value);
  if (Number.isFinite(seconds) && value.trim() !== "") return Math.max(0, seconds * 1000);
  const atMs = Date.parse(value);
  return Number.isNaN(atMs) ? undefined : Math.max(0, atMs - nowMs);
}
