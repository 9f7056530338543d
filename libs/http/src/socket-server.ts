import { createServer, type RequestListener, type Server } from "node:http";
import { createServer as createTlsServer, type Server as TlsServer } from "node:https";
import type { Socket } from "node:net";
import type { ListenerTls } from "./listener-security.ts";

/** A client that does not finish its handshake within this time is given up. */
const HANDSHAKE_TIMEOUT_MS = 15_000;

/** An HTTP or HTTPS server that knows its connections, those in the middle of a handshake too. */
export class SocketServer {
  readonly server: Server | TlsServer;
  readonly #sockets = new Set<Socket>();
  readonly #stopFollowing: () => void;

  constructor(tls: ListenerTls | undefined, onRequest: RequestListener) {
    if (tls === undefined) {
      this.server = createServer(onRequest);
      this.#stopFollowing = () => undefined;
    } else {
      const options = { ...tls.options(), rejectUnauthorized: false, handshakeTimeout: HANDSHAKE_TIMEOUT_MS };
      const server = createTlsServer(options, onRequest);
      server.prependListener("secureConnection", (socket) => {
        if (!tls.isPeerAllowed(socket)) socket.destroy();
      });
      this.#stopFollowing = tls.onChange((changed) => server.setSecureContext(changed));
      this.server = server;
    }
    this.server.on("connection", (socket: Socket) => {
      this.#sockets.add(socket);
      socket.once("close", () => this.#sockets.delete(socket));
    });
    // Remote-write senders keep their connections for a scrape interval or longer.
    this.server.keepAliveTimeout = 120_000;
    this.server.headersTimeout = 125_000;
  }

  /** Stops listening, ends every connection, and resolves when none is left. */
  async close(): Promise<void> {
    this.#stopFollowing();
    const closed = new Promise<void>((resolve) => this.server.close(() => resolve()));
    for (const socket of this.#sockets) socket.destroy();
    await closed;
  }
}
