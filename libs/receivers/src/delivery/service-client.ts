import type { IncomingHttpHeaders, IncomingMessage } from "node:http";
import { HttpClient, HttpClientError } from "@monotreme/http-client";
import type { HttpClientConfig } from "@monotreme/prometheus-config";
import type { IntegrationContext } from "../integration.ts";
import { DeliveryError } from "../delivery-error.ts";
import { goJson, type GoJsonValue } from "./go-json.ts";
import { readAnswerText } from "./read-answer-text.ts";
import { redactText, secretsOfUrl } from "./redact-text.ts";
import { statusError } from "./status-error.ts";

/** What services see as the sender, as of the version whose behaviour this is. */
export const USER_AGENT = "Alertmanager/0.34.0";

/** More of an answer is not read. */
const MAX_ANSWER_BYTES = 256 * 1024;

/** One request to a service: either `json` or `body`. */
export interface ServiceRequest {
  readonly method?: "GET" | "POST" | "PUT" | "PATCH" | "DELETE";
  /** Taken for a secret. */
  readonly url: string;
  /** Written as Go writes it, with the line end that its encoder adds; sets the content type. */
  readonly json?: GoJsonValue;
  readonly body?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly signal: AbortSignal;
  /** 0 or absent: no bound but the signal's. */
  readonly timeoutMs?: number;
  /** What else error messages must not show, such as a token in the body. */
  readonly secrets?: readonly string[];
  /** Statuses beside 429 and 5xx after which another try makes sense. */
  readonly retriedStatuses?: readonly number[];
  /** What of a refusal is worth telling; by default its body. */
  readonly details?: (answer: ServiceAnswer) => string;
}

/** An answer whose body was read as far as it came, at most 256 KiB. */
export interface ServiceAnswer {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly text: string;
}

/** HTTP to one service: connections are kept, every failure becomes a `DeliveryError`. */
export class ServiceClient {
  readonly #client: HttpClient;
  readonly #context: Pick<IntegrationContext, "now">;

  constructor(config: HttpClientConfig, context: IntegrationContext) {
    this.#client = new HttpClient(config, { environment: context.environment ?? {} });
    this.#context = context;
  }

  /** Sends and gives the answer of any status. */
  async send(request: ServiceRequest): Promise<ServiceAnswer> {
    const timeout = request.timeoutMs ? AbortSignal.timeout(request.timeoutMs) : undefined;
    const signal = timeout === undefined ? request.signal : AbortSignal.any([request.signal, timeout]);
    try {
      const response = await this.#open(request, signal);
      const text = await readAnswerText(response, MAX_ANSWER_BYTES, signal);
      return { status: response.statusCode ?? 0, headers: response.headers, text };
    } catch (error) {
      throw transportError(error, request);
    }
  }

  /** Sends and gives the answer if it is 2xx. */
  async deliver(request: ServiceRequest): Promise<ServiceAnswer> {
    const answer = await this.send(request);
    if (answer.status >= 200 && answer.status < 300) return answer;
    throw this.refusal(answer, request);
  }

  /** The error for an answer that is no success, for integrations that look at answers themselves. */
  refusal(answer: ServiceAnswer, request: ServiceRequest): DeliveryError {
    const details = redactText(request.details?.(answer) ?? answer.text, secretsOf(request));
    return statusError(answer, { details, retriedStatuses: request.retriedStatuses ?? [], nowMs: this.#context.now() });
  }

  close(): void {
    this.#client.close();
  }

  #open(request: ServiceRequest, signal: AbortSignal): Promise<IncomingMessage> {
    const body = request.json === undefined ? request.body : `${goJson(request.json)}\n`;
    const type = request.json === undefined ? {} : { "content-type": "application/json" };
    const length = body === undefined ? {} : { "content-length": String(Buffer.byteLength(body)) };
    return this.#client.open({
      method: request.method ?? "POST",
      url: request.url,
      headers: { "user-agent": USER_AGENT, ...type, ...length, ...request.headers },
      ...(body === undefined ? {} : { body }),
      signal,
    });
  }
}

function secretsOf(request: ServiceRequest): string[] {
  return [...secretsOfUrl(request.url), ...(request.secrets ?? [])];
}

/** A request without an answer. Only a wrong address cannot get better by itself. */
function transportError(error: unknown, request: ServiceRequest): unknown {
  if (isBadHeader(error)) {
    const message = "a header would have a character that headers cannot have; look at the token or password";
    return new DeliveryError(message, { isRetryable: false, reason: "clientError" });
  }
  if (!(error instanceof HttpClientError)) return error;
  const message = redactText(error.message, secretsOf(request));
  if (error.reason === "timeout")
    return new DeliveryError(message, { isRetryable: true, reason: "contextDeadlineExceeded" });
  if (error.reason === "canceled") return new DeliveryError(message, { isRetryable: true, reason: "contextCanceled" });
  return new DeliveryError(message, { isRetryable: error.reason !== "address", reason: "other" });
}

/** Node's own error before it sends, for example for a token with a line end in its middle. */
function isBadHeader(error: unknown): boolean {
  return error instanceof TypeError && "code" in error && error.code === "ERR_INVALID_CHAR";
}
