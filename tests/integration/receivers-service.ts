import { createServer, type IncomingHttpHeaders, type Server, type ServerResponse } from "node:http";

/** One request as it came. */
export interface ReceivedRequest {
  readonly method: string;
  /** With the query. */
  readonly path: string;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
}

export interface ServiceReply {
  readonly status?: number;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
}

/** A service on a local port that keeps what it was sent and answers as told: the next of `replies`, the last for good. */
export class LocalService {
  readonly requests: ReceivedRequest[] = [];
  /** `hang` never answers, `cut` closes the connection. */
  replies: (ServiceReply | "hang" | "cut")[] = [{}];
  readonly #server: Server;

  constructor() {
    this.#server = createServer((request, response) => {
      const chunks: Buffer[] = [];
      request.on("data", (chunk: Buffer) => chunks.push(chunk));
      request.on("end", () => {
        const { method = "", url: path = "", headers } = request;
        this.requests.push({ method, path, headers, body: Buffer.concat(chunks).toString("utf8") });
        this.#answer(response);
      });
    });
  }

  static async start(): Promise<LocalService> {
    const service = new LocalService();
    await new Promise<void>((resolve) => service.#server.listen(0, "127.0.0.1", resolve));
    return service;
  }

  get url(): string {
    const address = this.#server.address();
    if (address === null || typeof address === "string") throw new Error("the service does not listen");
    return `http://127.0.0.1:${address.port}`;
  }

  /** The only request, or a failure that says how many there were. */
  get request(): ReceivedRequest {
    const [request, ...others] = this.requests;
    if (request === undefined || others.length > 0) throw new Error(`${this.requests.length} requests, expected one`);
    return request;
  }

  async close(): Promise<void> {
    this.#server.closeAllConnections();
    await new Promise((resolve) => this.#server.close(resolve));
  }

  #answer(response: ServerResponse): void {
    const reply = this.replies.length > 1 ? this.replies.shift() : this.replies[0];
    if (reply === "hang") return;
    if (reply === "cut") response.destroy();
    else response.writeHead(reply?.status ?? 200, reply?.headers ?? {}).end(reply?.body ?? "");
  }
}
