import { DeliveryError } from "../delivery-error.ts";
import { redactText } from "../delivery/redact-text.ts";
import { retryAfterMs } from "../delivery/retry-after.ts";
import type { ServiceAnswer, ServiceClient } from "../delivery/service-client.ts";
import { reasonOfStatus } from "../delivery/status-error.ts";
import { truncateRunes } from "../truncate-text.ts";
import { encodeDraft, type NtfyDraft } from "./ntfy-payload.ts";
import type { NtfyServer } from "./ntfy-server.ts";
import type { NtfyTarget } from "./ntfy-target.ts";

const MAX_REASON_RUNES = 200;
const MAX_SHRINKS = 2;

const TOO_LONG_WITHOUT_ATTACHMENTS = 40014;
const DAY_QUOTA = 42908;

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
  readonly client: ServiceClient;
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

  async #request(
    method: "POST" | "PUT" | "DELETE",
    url: string,
    body: string | undefined,
    signal: AbortSignal,
  ): Promise<ServiceAnswer> {
    const { client, server, authorization } = this.#options;
    await server.acquire(signal);
    const answer = await client.send({
      method,
      url,
      headers: {
        ...(body !== undefined && { "content-type": "application/json" }),
        ...(authorization !== undefined && { authorization }),
      },
      ...(body !== undefined && { body }),
      signal,
      secrets: this.#secrets(),
    });
    if (answer.status !== 429) server.noteTaken();
    return answer;
  }

  #errorOf(fault: NtfyFault, answer: ServiceAnswer): DeliveryError {
    const { server } = this.#options;
    if (fault.status < 300) {
      return new DeliveryError("a page answered in place of the ntfy server; does its address redirect?", {
        isRetryable: false,
        reason: "clientError",
      });
    }
    if (fault.code === DAY_QUOTA) return server.noteQuotaSpent();
    if (fault.status === 429) {
      return server.noteTooMany(retryAfterMs(answer.headers["retry-after"], server.nowMs));
    }
    const code = fault.code === 0 ? "" : ` (code ${fault.code})`;
    const text = redactText(fault.text, this.#secrets());
    return new DeliveryError(`the ntfy server answered ${fault.status}${code}: ${text}`, {
      isRetryable: fault.status >= 500,
      reason: reasonOfStatus(fault.status),
    });
  }

  #secrets(): string[] {
    const { authorization } = this.#options;
    return authorization === undefined ? [] : [authorization, authorization.split(" ").at(-1) ?? ""];
  }
}

/** A page is no success: a redirect (to https, say) turns what is published into a visit of the server's web app. */
function isSuccess({ status, headers }: ServiceAnswer): boolean {
  return status >= 200 && status < 300 && !isPage(headers["content-type"]);
}

function isPage(contentType: string | undefined): boolean {
  return contentType?.toLowerCase().startsWith("text/html") === true;
}

/** 413 comes from ntfy itself (41303) or from a proxy before it. */
function isTooLong(fault: NtfyFault): boolean {
  return fault.code === TOO_LONG_WITHOUT_ATTACHMENTS || fault.status === 413;
}

function faultOf(answer: ServiceAnswer): NtfyFault {
  const json = parseObject(answer.text);
  const code = json?.["code"];
  const error = json?.["error"];
  return {
    status: answer.status,
    code: typeof code === "number" ? code : 0,
    text: truncateRunes(typeof error === "string" ? error : answer.text.trim(), MAX_REASON_RUNES),
  };
}

function receiptOf(answer: ServiceAnswer): NtfyReceipt {
  const json = parseObject(answer.text);
  return { id: textOf(json?.["id"]), sequenceId: textOf(json?.["sequence_id"]) };
}

function textOf(value: unknown): string | undefined {
  return typeof value === "string" && value !== "" ? value : undefined;
}

function parseObject(text: string): Readonly<Record<string, unknown>> | undefined {
  try {
    const json: unknown = JSON.parse(text);
    return typeof json === "object" && json !== null ? { ...json } : undefined;
  } catch {
    return undefined;
  }
}
