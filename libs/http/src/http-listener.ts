import type { IncomingMessage, ServerResponse } from "node:http";
import { AppError } from "@monotreme/errors";
import type { Registry } from "@monotreme/telemetry";
import type { FastifyInstance } from "fastify";
import type { Admission, ListenerSecurity } from "./listener-security.ts";
import { SocketServer } from "./socket-server.ts";

/** A port that cannot be bound, with the flag that changes it. */
export class ListenError extends AppError {
  constructor(message: string, cause: unknown) {
    super("HTTP_LISTEN", "unavailable", message, { cause });
  }
}

export interface ListenOptions {
  readonly host: string;
  readonly port: number;
  /** Named in the error when the port is taken. */
  readonly flagName: string;
  readonly registry: Registry;
  /** Shown by `/-/healthy` and `/-/ready`, such as `Prometheus Server`. */
  readonly displayName: string;
  /** What `/-/healthy` and `/-/ready` say when all is well; a sentence with the display name when not given. */
  readonly probeText?: string;
  /** Everything is served under this path only, probes and metrics too: empty, or `/path`. */
  readonly routePrefix?: string;
  /** TLS, users and headers; without it the address speaks plain HTTP with everyone. */
  readonly security?: ListenerSecurity | undefined;
}

type ListenerState = "starting" | "ready" | "draining";

const STATE_TEXT: Readonly<Record<ListenerState, string>> = {
  starting: "is not ready yet: starting.",
  ready: "is Ready.",
  draining: "is not ready: shutting down.",
};

/**
 * One address of a process. It is bound before anything else starts, so that a taken port is known at once and probes
 * can tell starting from broken: `/-/healthy`, `/-/ready` and `/metrics` answer from the first moment until the last;
 * everything else gets 503 until an application is mounted and marked ready, and again once draining began.
 */
export class HttpListener {
  readonly #options: ListenOptions;
  readonly #sockets: SocketServer;
  #state: ListenerState = "starting";
  #app: FastifyInstance | undefined;
  #waitingFor: string | undefined;
  #inFlight = 0;
  #idle: (() => void) | undefined;
  #closing: Promise<void> | undefined;

  private constructor(options: ListenOptions) {
    this.#options = options;
    this.#sockets = new SocketServer(options.security?.tls, (request, response) => this.#dispatch(request, response));
  }

  static async listen(options: ListenOptions): Promise<HttpListener> {
    const listener = new HttpListener(options);
    await new Promise<void>((resolve, reject) => {
      const { server } = listener.#sockets;
      server.once("error", (cause: NodeJS.ErrnoException) => reject(listenErrorFrom(options, cause)));
      server.listen(options.port, options.host === "" ? undefined : options.host, resolve);
    });
    return listener;
  }

  get port(): number {
    const address = this.#sockets.server.address();
    return typeof address === "object" && address !== null ? address.port : this.#options.port;
  }

  /** The address as a client on this machine types it. */
  get url(): string {
    const host = this.#options.host === "" || this.#options.host === "0.0.0.0" ? "127.0.0.1" : this.#options.host;
    const scheme = this.#options.security?.tls === undefined ? "http" : "https";
    return `${scheme}://${host.includes(":") ? `[${host}]` : host}:${this.port}`;
  }

  /** Hands requests to the application once it has loaded; the listener answers 503 until {@link markReady}. */
  async mount(app: FastifyInstance): Promise<void> {
    await app.ready();
    this.#app = app;
  }

  markReady(): void {
    if (this.#state === "starting") this.#state = "ready";
  }

  /** What the process waits for while it starts, for those who ask whether it is ready; undefined: nothing any more. */
  waitFor(reason: string | undefined): void {
    this.#waitingFor = reason;
  }

  /** Answers 503 to new requests from now on, and to `/-/ready`; those in flight go on. */
  beginDrain(): void {
    this.#state = "draining";
  }

  /** Answers 503 to new requests and resolves when those in flight have finished or the deadline passed. */
  async drain(deadline: AbortSignal): Promise<void> {
    this.beginDrain();
    if (this.#inFlight === 0 || deadline.aborted) return;
    await new Promise<void>((resolve) => {
      this.#idle = resolve;
      deadline.addEventListener("abort", () => resolve(), { once: true });
    });
  }

  async close(deadline: AbortSignal): Promise<void> {
    this.#closing ??= this.#close(deadline);
    return this.#closing;
  }

  async #close(deadline: AbortSignal): Promise<void> {
    await this.drain(deadline);
    await this.#app?.close();
    await this.#sockets.close();
  }

  #dispatch(request: IncomingMessage, response: ServerResponse): void {
    const { security } = this.#options;
    for (const [name, value] of security?.headers() ?? []) response.setHeader(name, value);
    const inner = this.#withoutPrefix(request.url ?? "/");
    const path = inner?.split("?", 1)[0];
    if (this.#answerProbe(path, response)) return;
    const admission = security?.admit(request) ?? "granted";
    const proceed = (result: Admission): void => {
      if (response.destroyed) return;
      if (result !== "granted") return refuse(response, result);
      if (inner === undefined) return this.#answerOutside(request, response);
      request.url = inner;
      this.#answer(path, request, response);
    };
    if (typeof admission === "string") proceed(admission);
    else void admission.then(proceed);
  }

  /** Probes come without credentials, and are answered at any time. */
  #answerProbe(path: string | undefined, response: ServerResponse): boolean {
    const { displayName, probeText } = this.#options;
    if (path === "/-/healthy") {
      answerText(response, 200, probeText ?? `${displayName} is Healthy.\n`);
      return true;
    }
    if (path !== "/-/ready") return false;
    const waiting = this.#state === "starting" && this.#waitingFor !== undefined;
    const text = `${displayName} ${STATE_TEXT[this.#state]}${waiting ? ` Waiting: ${this.#waitingFor}` : ""}\n`;
    if (this.#state === "ready") answerText(response, 200, probeText ?? text);
    else answerText(response, 503, text);
    return true;
  }

  #answer(path: string | undefined, request: IncomingMessage, response: ServerResponse): void {
    if (path === "/metrics") {
      void this.#answerMetrics(response);
      return;
    }
    if (this.#state !== "ready" || this.#app === undefined) {
      response.setHeader("Retry-After", "1");
      response.setHeader("X-Prometheus-Stopping", String(this.#state === "draining"));
      // A sender that keeps its connection would come back to this process instead of to another one.
      if (this.#state === "draining") response.setHeader("Connection", "close");
      return answerText(
        response,
        503,
        `Service Unavailable: ${this.#options.displayName} ${STATE_TEXT[this.#state]}\n`,
      );
    }
    this.#inFlight++;
    response.once("close", () => this.#finished());
    this.#app.routing(request, response);
  }

  /** The address as routes know it, or undefined for one that does not lie under the prefix. */
  #withoutPrefix(url: string): string | undefined {
    const { routePrefix = "" } = this.#options;
    if (routePrefix === "") return url;
    if (!url.startsWith(routePrefix)) return undefined;
    const inner = url.slice(routePrefix.length);
    return inner.startsWith("/") ? inner : undefined;
  }

  /** Browsers that come to the root, or forget the last slash, are sent to the start page. */
  #answerOutside(request: IncomingMessage, response: ServerResponse): void {
    const { routePrefix = "" } = this.#options;
    const path = (request.url ?? "").split("?", 1)[0] ?? "";
    if (path !== "/" && path !== routePrefix) return answerText(response, 404, "404 page not found\n");
    response.setHeader("Location", `${routePrefix}/`);
    answerText(response, 302, "Found\n");
  }

  #finished(): void {
    this.#inFlight--;
    if (this.#inFlight === 0) this.#idle?.();
  }

  /** Never rejects: a collector's fault becomes an answer of 500. */
  async #answerMetrics(response: ServerResponse): Promise<void> {
    try {
      const { registry } = this.#options;
      const text = await registry.metrics();
      response.setHeader("Content-Type", registry.contentType);
      response.end(text);
    } catch {
      answerText(response, 500, "a metric could not be collected\n");
    }
  }
}

function answerText(response: ServerResponse, status: number, text: string): void {
  response.statusCode = status;
  response.setHeader("Content-Type", "text/plain; charset=utf-8");
  response.end(text);
}

function refuse(response: ServerResponse, admission: Exclude<Admission, "granted">): void {
  if (admission === "busy") {
    response.setHeader("Retry-After", "1");
    return answerText(response, 503, "Service Unavailable: too many passwords are being checked\n");
  }
  response.setHeader("WWW-Authenticate", "Basic");
  answerText(response, 401, "Unauthorized\n");
}

function listenErrorFrom(options: ListenOptions, cause: NodeJS.ErrnoException): ListenError {
  const address = `${options.host}:${options.port}`;
  const change = `choose another address with --${options.flagName}=host:port`;
  if (cause.code === "EADDRINUSE") return new ListenError(`${address} is already in use; ${change}`, cause);
  if (cause.code === "EACCES") return new ListenError(`no permission to listen on ${address}; ${change}`, cause);
  return new ListenError(`cannot listen on ${address} (${cause.code ?? cause.message}); ${change}`, cause);
}
