import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import { createServer as createTlsServer } from "node:https";
import type { AddressInfo } from "node:net";

/** An object of Kubernetes, as its API has it. */
export interface ApiObject {
  readonly metadata: {
    readonly name: string;
    readonly namespace?: string;
    readonly labels?: Readonly<Record<string, string>>;
    readonly [field: string]: unknown;
  };
  readonly [field: string]: unknown;
}

interface LogEntry {
  readonly version: number;
  readonly type: "ADDED" | "MODIFIED" | "DELETED";
  readonly plural: string;
  readonly object: ApiObject;
}

interface Watch {
  readonly plural: string;
  readonly isWanted: (object: ApiObject) => boolean;
  readonly response: ServerResponse;
}

/** What a request asked for. */
export interface SeenRequest {
  readonly path: string;
  readonly parameters: URLSearchParams;
  readonly headers: IncomingMessage["headers"];
}

/**
 * A small API server of Kubernetes: lists in pages with `limit` and `continue`, watches from a resourceVersion with
 * bookmarks, 410 for versions it has forgotten, and faults on demand.
 */
export class KubernetesServer {
  /** Accepted bearer token; any where undefined. */
  token: string | undefined;
  readonly forbiddenNamespaces = new Set<string>();
  /** Kinds that nobody has defined (yet). */
  readonly unknownKinds = new Set<string>();
  /** Whether a forgotten version is told by the status or by an event of the watch. */
  goneBy: "status" | "event" = "status";
  /** Answers the next requests instead of the server itself; the first is taken away once it is used. */
  readonly faults: ((request: IncomingMessage, response: ServerResponse) => void)[] = [];
  /** Runs before each page after the first. */
  onNextPage: () => void = () => undefined;
  /** Writes each event in small pieces with pauses. */
  isSlow = false;
  warning: string | undefined;
  readonly requests: SeenRequest[] = [];
  readonly #server: Server;
  readonly #objects = new Map<string, ApiObject>();
  readonly #log: LogEntry[] = [];
  readonly #watches = new Set<Watch>();
  readonly #pages = new Map<string, { readonly items: readonly ApiObject[]; readonly version: number }>();
  #version = 100;
  #oldest = 100;
  #pageCount = 0;

  constructor(tls?: { readonly cert: string; readonly key: string }) {
    const answer = (request: IncomingMessage, response: ServerResponse): void => this.#answer(request, response);
    this.#server = tls === undefined ? createServer(answer) : createTlsServer(tls, answer);
  }

  get port(): number {
    return (this.#server.address() as AddressInfo).port;
  }

  get watchCount(): number {
    return this.#watches.size;
  }

  /** At any free port unless one is given, as to a server that comes back after `close`. */
  async listen(port = 0): Promise<void> {
    await new Promise<void>((resolve) => this.#server.listen(port, "127.0.0.1", resolve));
  }

  async close(): Promise<void> {
    this.#server.closeAllConnections();
    await new Promise((resolve) => this.#server.close(resolve));
  }

  /** Creates or changes an object and tells all watches. */
  put(plural: string, object: ApiObject): void {
    const key = keyOf(plural, object);
    const type = this.#objects.has(key) ? "MODIFIED" : "ADDED";
    const version = ++this.#version;
    const stored = { ...object, metadata: { ...object.metadata, resourceVersion: String(version) } };
    this.#objects.set(key, stored);
    this.#append({ version, type, plural, object: stored });
  }

  delete(plural: string, name: string, namespace?: string): void {
    const key = keyOf(plural, { metadata: { name, ...(namespace === undefined ? {} : { namespace }) } });
    const object = this.#objects.get(key);
    if (object === undefined) throw new Error(`${key} is not there`);
    this.#objects.delete(key);
    const version = ++this.#version;
    this.#append({
      version,
      type: "DELETED",
      plural,
      object: { ...object, metadata: { ...object.metadata, resourceVersion: String(version) } },
    });
  }

  /** Forgets all versions and pages so far; watches that run are ended where `goneBy` says so by an event. */
  compact(): void {
    this.#log.length = 0;
    this.#oldest = ++this.#version;
    this.#pages.clear();
  }

  bookmark(): void {
    const metadata = { resourceVersion: String(this.#version) };
    for (const { response } of this.#watches) writeEvent(response, "BOOKMARK", { metadata });
  }

  /** Cuts all watches; with a text, in the middle of what that begins. */
  dropWatches(text = ""): void {
    for (const { response } of this.#watches) {
      if (text !== "") response.write(text);
      // The text has to leave before the connection goes.
      setTimeout(() => response.destroy(), 20);
    }
    this.#watches.clear();
  }

  /** Ends all watches in good order, as a server does when their time is over. */
  endWatches(lastLine = ""): void {
    for (const { response } of this.#watches) response.end(lastLine);
    this.#watches.clear();
  }

  #append(entry: LogEntry): void {
    this.#log.push(entry);
    for (const watch of this.#watches) this.#tell(watch, entry);
  }

  #answer(request: IncomingMessage, response: ServerResponse): void {
    const url = new URL(request.url ?? "", "http://server");
    this.requests.push({ path: url.pathname, parameters: url.searchParams, headers: request.headers });
    if (this.warning !== undefined) response.setHeader("warning", `299 - "${this.warning}"`);
    const fault = this.faults.shift();
    if (fault !== undefined) return fault(request, response);
    if (this.token !== undefined && request.headers.authorization !== `Bearer ${this.token}`) {
      return sendStatus(response, 401, "Unauthorized");
    }
    const [, namespace = "", plural = ""] =
      /^(?:\/prefix)?\/apis?\/[^n]*?(?:[^/]+\/)*?(?:namespaces\/([^/]+)\/)?([a-z]+)$/.exec(url.pathname) ?? [];
    if (plural === "" || this.unknownKinds.has(plural)) {
      return sendStatus(response, 404, "the server could not find the requested resource");
    }
    if (this.forbiddenNamespaces.has(namespace)) {
      return sendStatus(
        response,
        403,
        `${plural} is forbidden: User "u" cannot list it in the namespace "${namespace}"`,
      );
    }
    const isWanted = selectionOf(namespace, url.searchParams);
    if (url.searchParams.get("watch") === "true") return this.#startWatch(plural, isWanted, url.searchParams, response);
    return this.#list(plural, isWanted, url.searchParams, response);
  }

  #list(
    plural: string,
    isWanted: (object: ApiObject) => boolean,
    parameters: URLSearchParams,
    response: ServerResponse,
  ): void {
    const token = parameters.get("continue");
    if (token !== null) this.onNextPage();
    const all = [...this.#objects].filter(([key]) => key.startsWith(`${plural}/`)).map(([, object]) => object);
    const page = token === null ? { items: all.filter(isWanted), version: this.#version } : this.#pages.get(token);
    if (page === undefined) return sendStatus(response, 410, "The provided continue parameter is too old");
    const limit = Number(parameters.get("limit") ?? page.items.length);
    const rest = page.items.slice(limit);
    const next = rest.length === 0 ? "" : `page-${++this.#pageCount}`;
    if (next !== "") this.#pages.set(next, { items: rest, version: page.version });
    response.writeHead(200, { "content-type": "application/json" }).end(
      JSON.stringify({
        metadata: { resourceVersion: String(page.version), ...(next === "" ? {} : { continue: next }) },
        items: page.items.slice(0, limit),
      }),
    );
  }

  #startWatch(
    plural: string,
    isWanted: (object: ApiObject) => boolean,
    parameters: URLSearchParams,
    response: ServerResponse,
  ): void {
    const since = Number(parameters.get("resourceVersion") ?? "0");
    const isGone = since < this.#oldest;
    const goneText = `too old resource version: ${since} (${this.#oldest})`;
    if (isGone && this.goneBy === "status") return sendStatus(response, 410, goneText);
    response.writeHead(200, { "content-type": "application/json" });
    response.flushHeaders();
    if (isGone) {
      writeEvent(response, "ERROR", { kind: "Status", code: 410, reason: "Expired", message: goneText });
      response.end();
      return;
    }
    const watch = { plural, isWanted, response };
    for (const entry of this.#log) if (entry.version > since) this.#tell(watch, entry);
    this.#watches.add(watch);
    response.once("close", () => this.#watches.delete(watch));
  }

  #tell({ plural, isWanted, response }: Watch, entry: LogEntry): void {
    if (entry.plural !== plural || !isWanted(entry.object)) return;
    if (!this.isSlow) {
      writeEvent(response, entry.type, entry.object);
      return;
    }
    const text = Buffer.from(lineOf(entry.type, entry.object));
    const size = Math.ceil(text.length / 5);
    for (let i = 0; i < 5; i++) {
      setTimeout(() => response.write(text.subarray(i * size, (i + 1) * size)), i * 40);
    }
  }
}

function keyOf(plural: string, { metadata }: Pick<ApiObject, "metadata">): string {
  return `${plural}/${metadata.namespace ?? ""}/${metadata.name}`;
}

function selectionOf(namespace: string, parameters: URLSearchParams): (object: ApiObject) => boolean {
  const labels = (parameters.get("labelSelector") ?? "").split(",").filter((term) => term !== "");
  const name = /metadata\.name=([^,]+)/.exec(parameters.get("fieldSelector") ?? "")?.[1];
  return ({ metadata }) =>
    (namespace === "" || metadata.namespace === namespace) &&
    (name === undefined || metadata.name === name) &&
    labels.every((term) => metadata.labels?.[term.split("=")[0] ?? ""] === term.split("=")[1]);
}

function lineOf(type: string, object: unknown): string {
  return `${JSON.stringify({ type, object })}\n`;
}

function writeEvent(response: ServerResponse, type: string, object: unknown): void {
  response.write(lineOf(type, object));
}

/** As the API server says what is wrong. */
export function sendStatus(
  response: ServerResponse,
  code: number,
  message: string,
  headers: Readonly<Record<string, string>> = {},
): void {
  response
    .writeHead(code, { "content-type": "application/json", ...headers })
    .end(JSON.stringify({ kind: "Status", status: "Failure", code, message }));
}
