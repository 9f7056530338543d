import { randomBytes } from "node:crypto";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";

import {
  checkSequenceId,
  checkTopic,
  type NtfyMessage,
  NtfyRefusal,
  type PublishedFields,
  readHeaderMessage,
  readJsonMessage,
} from "./ntfy-message.ts";

const DEFAULT_MESSAGE_LIMIT_BYTES = 4096;
const MAX_BODY_BYTES = 1 << 20;

export interface NtfyServerOptions {
  /** False: the server of before 2.16, which does not know sequence ids and ignores them. */
  readonly hasSequences?: boolean;
  /** False: text over the message limit is refused with 40014; true: it becomes an attachment. */
  readonly hasAttachments?: boolean;
  /** 4096 when not given; a JSON body may be twice as long. */
  readonly messageLimitBytes?: number;
  /** Requests before 42901; no limit when not given. They come back one by one every `refillMs`, 5 s when not given. */
  readonly burst?: number;
  readonly refillMs?: number;
  /** Messages before 42908; no limit when not given. */
  readonly dailyMessages?: number;
  /** Without one of these nothing needs credentials. */
  readonly token?: string;
  readonly user?: { readonly name: string; readonly password: string };
  readonly port?: number;
}

/** A request as it came, for checks byte for byte. */
export interface NtfyRequest {
  readonly method: string;
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
  readonly atMs: number;
}

/** An answer given in place of the server's own. */
export interface ScriptedAnswer {
  readonly status: number;
  readonly body?: string;
  readonly headers?: Readonly<Record<string, string>>;
  /** The answer waits so long. */
  readonly delayMs?: number;
}

/** An ntfy-compatible server in this process. */
export interface TestNtfyServer {
  readonly url: string;
  readonly port: number;
  /** Every request, refused ones too. */
  readonly requests: readonly NtfyRequest[];
  /** What was published, in order, events of clearing and deleting too. */
  messages(topic?: string): readonly NtfyMessage[];
  /** What a phone shows now: the newest message of each sequence, without cleared and deleted ones. */
  shown(topic: string): readonly NtfyMessage[];
  /** Answers the next request so; several calls queue up. */
  answerNext(answer: ScriptedAnswer): void;
  close(): Promise<void>;
}

/** Starts an ntfy-compatible server on 127.0.0.1: publishing by JSON and by headers, sequences, limits, polling. */
export async function startNtfyServer(options: NtfyServerOptions = {}): Promise<TestNtfyServer> {
  const state = new NtfyState(options);
  const server = createServer((request, response) => {
    void answer(state, request, response);
  });
  await new Promise<void>((resolve) => server.listen(options.port ?? 0, "127.0.0.1", resolve));
  const address = server.address();
  const port = typeof address === "object" && address !== null ? address.port : 0;
  return {
    url: `http://127.0.0.1:${port}`,
    port,
    requests: state.requests,
    messages: (topic) => state.messages.filter((message) => topic === undefined || message.topic === topic),
    shown: (topic) => state.shown(topic),
    answerNext: (scripted) => state.scripted.push(scripted),
    close: async () => {
      server.closeAllConnections();
      await new Promise<void>((resolve) => server.close(() => resolve()));
    },
  };
}

class NtfyState {
  readonly requests: NtfyRequest[] = [];
  readonly messages: NtfyMessage[] = [];
  readonly scripted: ScriptedAnswer[] = [];
  readonly #options: NtfyServerOptions;
  #tokens: number;
  #refilledAtMs = Date.now();
  #published = 0;

  constructor(options: NtfyServerOptions) {
    this.#options = options;
    this.#tokens = options.burst ?? Number.POSITIVE_INFINITY;
  }

  get hasSequences(): boolean {
    return this.#options.hasSequences ?? true;
  }

  checkCredentials(authorization: string | undefined): void {
    const { token, user } = this.#options;
    if (token === undefined && user === undefined) return;
    const allowed = [
      ...(token === undefined ? [] : [`Bearer ${token}`]),
      ...(user === undefined ? [] : [`Basic ${Buffer.from(`${user.name}:${user.password}`).toString("base64")}`]),
    ];
    if (authorization === undefined) throw new NtfyRefusal(40301, "forbidden");
    if (!allowed.includes(authorization)) throw new NtfyRefusal(40101, "unauthorized");
  }

  takeToken(): void {
    const { burst, refillMs = 5_000 } = this.#options;
    if (burst === undefined) return;
    const refilled = Math.floor((Date.now() - this.#refilledAtMs) / refillMs);
    this.#tokens = Math.min(burst, this.#tokens + refilled);
    this.#refilledAtMs += refilled * refillMs;
    if (this.#tokens < 1) throw new NtfyRefusal(42901, "limit reached: too many requests");
    this.#tokens -= 1;
  }

  checkJsonLength(body: string): void {
    if (Buffer.byteLength(body) > 2 * (this.#options.messageLimitBytes ?? DEFAULT_MESSAGE_LIMIT_BYTES)) {
      throw new NtfyRefusal(41303, "JSON body too large");
    }
  }

  publish({ topic, sequenceId, fields }: PublishedFields): NtfyMessage {
    const { hasAttachments = true, messageLimitBytes = DEFAULT_MESSAGE_LIMIT_BYTES, dailyMessages } = this.#options;
    if (dailyMessages !== undefined && this.#published >= dailyMessages) {
      throw new NtfyRefusal(42908, "limit reached: daily message quota reached");
    }
    const isTooLong = Buffer.byteLength(fields.message ?? "") > messageLimitBytes;
    if (isTooLong && !hasAttachments) {
      throw new NtfyRefusal(40014, "invalid request: attachments not allowed");
    }
    this.#published += 1;
    const attached = {
      message: "You received a file: attachment.txt",
      attachment: { name: "attachment.txt", url: "" },
    };
    return this.#store(topic, "message", sequenceId, {
      ...fields,
      ...(fields.message === "" && { message: "triggered" }),
      ...(isTooLong && attached),
    });
  }

  /** Clears or deletes what a sequence shows. */
  end(topic: string, sequenceId: string, event: "message_clear" | "message_delete"): NtfyMessage {
    return this.#store(checkTopic(topic), event, checkSequenceId(sequenceId), {});
  }

  shown(topic: string): NtfyMessage[] {
    const bySequence = new Map<string, NtfyMessage>();
    for (const message of this.messages) {
      if (message.topic !== topic) continue;
      const key = message.sequence_id ?? message.id;
      bySequence.delete(key);
      if (message.event === "message") bySequence.set(key, message);
    }
    return [...bySequence.values()];
  }

  #store(
    topic: string,
    event: NtfyMessage["event"],
    sequenceId: string | undefined,
    fields: Partial<NtfyMessage>,
  ): NtfyMessage {
    const id = randomBytes(9).toString("base64url");
    const sequence = this.hasSequences && sequenceId !== undefined ? { sequence_id: sequenceId } : {};
    const message = { id, time: Math.floor(Date.now() / 1000), event, topic, ...sequence, ...fields };
    this.messages.push(message);
    return message;
  }
}

async function answer(state: NtfyState, request: IncomingMessage, response: ServerResponse): Promise<void> {
  const body = await readBody(request);
  const headers: Record<string, string> = {};
  for (const [name, value] of Object.entries(request.headers)) {
    if (value !== undefined) headers[name] = Array.isArray(value) ? value.join(", ") : value;
  }
  const path = request.url ?? "/";
  state.requests.push({ method: request.method ?? "", path, headers, body, atMs: Date.now() });
  const scripted = state.scripted.shift();
  if (scripted !== undefined) {
    setTimeout(() => {
      response.writeHead(scripted.status, scripted.headers).end(scripted.body ?? "");
    }, scripted.delayMs ?? 0);
    return;
  }
  try {
    const text = route(state, request.method ?? "", new URL(path, "http://ntfy").pathname, headers, body);
    response.writeHead(200, { "Content-Type": "application/json" }).end(text);
  } catch (error) {
    const refusal = error instanceof NtfyRefusal ? error : new NtfyRefusal(50001, String(error));
    response.writeHead(refusal.status, { "Content-Type": "application/json" }).end(refusal.toJson());
  }
}

function route(
  state: NtfyState,
  method: string,
  path: string,
  headers: Readonly<Record<string, string>>,
  body: string,
): string {
  if (path === "/v1/health") return '{"healthy":true}\n';
  state.checkCredentials(headers["authorization"]);
  const [topic = "", second, third] = path.slice(1).split("/");
  if (method === "GET" && second === "json") {
    return state.messages
      .filter((message) => message.topic === topic)
      .map(lineOf)
      .join("");
  }
  state.takeToken();
  if (method !== "POST" && method !== "PUT" && method !== "DELETE") throw new NtfyRefusal(40401, "page not found");
  if (path === "/") {
    state.checkJsonLength(body);
    return lineOf(state.publish(readJsonMessage(body)));
  }
  if (second !== undefined && !state.hasSequences) throw new NtfyRefusal(40401, "page not found");
  if (method === "DELETE" && second !== undefined) return lineOf(state.end(topic, second, "message_delete"));
  if (third === "clear" && second !== undefined) return lineOf(state.end(topic, second, "message_clear"));
  if (method === "DELETE" || third !== undefined) throw new NtfyRefusal(40401, "page not found");
  return lineOf(state.publish(readHeaderMessage(topic, second, (name) => headers[name], body)));
}

function lineOf(message: NtfyMessage): string {
  return `${JSON.stringify(message)}\n`;
}

async function readBody(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  let sizeBytes = 0;
  for await (const chunk of request) {
    const bytes = Buffer.from(chunk);
    sizeBytes += bytes.length;
    if (sizeBytes <= MAX_BODY_BYTES) chunks.push(bytes);
  }
  return Buffer.concat(chunks).toString("utf8");
}
