import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { z } from "zod";

const messageSchema = z.object({
  groupKey: z.string(),
  status: z.enum(["firing", "resolved"]),
  receiver: z.string(),
  alerts: z.array(z.object({ status: z.string(), labels: z.record(z.string(), z.string()), fingerprint: z.string() })),
});

/** One webhook message that was answered, and when it came. */
export interface ReceivedMessage extends z.infer<typeof messageSchema> {
  readonly path: string;
  readonly atMs: number;
  readonly answeredAtMs: number;
}

export interface Answer {
  readonly status: number;
  readonly headers?: Readonly<Record<string, string>>;
}

/** A server that takes webhooks of Alertmanager's form and remembers what it took and could answer with a 2xx. */
export class WebhookReceiver {
  readonly messages: ReceivedMessage[] = [];
  /** Requests, those that were refused too. */
  requests = 0;
  /** Messages whose sender was gone before the answer: it cannot know that they were taken. */
  readonly unanswered: ReceivedMessage[] = [];
  /** What the next message is answered; it is waited for. */
  answer: (message: ReceivedMessage) => Answer | Promise<Answer> = () => ({ status: 200 });
  readonly #server: Server;

  private constructor(server: Server) {
    this.#server = server;
  }

  static async start(): Promise<WebhookReceiver> {
    const server = createServer();
    const receiver = new WebhookReceiver(server);
    server.on("request", (request, response) => {
      const chunks: Buffer[] = [];
      request.on("data", (chunk: Buffer) => chunks.push(chunk));
      request.on("end", () => {
        const path = request.url ?? "";
        void receiver
          .#take(path, Buffer.concat(chunks).toString(), () => request.socket.destroyed)
          .then(({ status, headers = {} }) => response.writeHead(status, headers).end());
      });
    });
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    return receiver;
  }

  get url(): string {
    const { port } = this.#server.address() as AddressInfo;
    return `http://127.0.0.1:${port}`;
  }

  async stop(): Promise<void> {
    this.#server.closeAllConnections();
    await new Promise((resolve) => this.#server.close(resolve));
  }

  async #take(path: string, body: string, isGone: () => boolean): Promise<Answer> {
    this.requests++;
    const atMs = Date.now();
    const taken = { ...messageSchema.parse(JSON.parse(body)), path, atMs, answeredAtMs: atMs };
    const answer = await this.answer(taken);
    const message = { ...taken, answeredAtMs: Date.now() };
    if (answer.status < 300) (isGone() ? this.unanswered : this.messages).push(message);
    return answer;
  }
}
