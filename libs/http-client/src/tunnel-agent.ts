import { type ClientRequest, type IncomingMessage, request as httpRequest, STATUS_CODES } from "node:http";
import { type AgentOptions, Agent as HttpsAgent, request as httpsRequest } from "node:https";
import { isIP, type Socket } from "node:net";
import type { Duplex } from "node:stream";
import { connect as connectTls, type ConnectionOptions } from "node:tls";
import { HttpClientError } from "./http-client-error.ts";
import type { ProxyTarget } from "./proxy-selector.ts";

/** How long a proxy may take to open a tunnel; the request's own signal does not reach this far. */
const CONNECT_TIMEOUT_MS = 30_000;

type ConnectionCallback = (error: Error | null, stream: Duplex) => void;

/** TLS connections through a proxy that opens tunnels. */
export class TunnelAgent extends HttpsAgent {
  readonly #proxy: ProxyTarget;

  constructor(proxy: ProxyTarget, options: AgentOptions) {
    super(options);
    this.#proxy = proxy;
  }

  /** Called by Node for each connection that the agent lacks; Node awaits the callback. */
  override createConnection(options: ConnectionOptions, callback?: ConnectionCallback): undefined {
    const fail = (error: Error): void => {
      // Node's types demand a stream beside an error; Node itself does not look at it.
      Reflect.apply(callback ?? (() => undefined), undefined, [error]);
    };
    const connect = this.#requestTunnel(options);
    connect.setTimeout(CONNECT_TIMEOUT_MS, () => connect.destroy(new Error("the proxy does not answer")));
    connect.once("error", (error) =>
      fail(
        new HttpClientError("connection", `cannot reach the proxy ${this.#proxy.url.host}: ${error.message}`, error),
      ),
    );
    connect.once("connect", (answer: IncomingMessage, socket: Socket) => {
      connect.setTimeout(0);
      if (answer.statusCode !== 200) {
        socket.destroy();
        const status = `${answer.statusCode} ${STATUS_CODES[answer.statusCode ?? 0] ?? ""}`.trimEnd();
        fail(new HttpClientError("connection", `the proxy ${this.#proxy.url.host} refused the tunnel: ${status}`));
        return;
      }
      callback?.(null, connectTls({ ...options, socket, ...serverNameOf(options) }));
    });
    connect.end();
    return undefined;
  }

  #requestTunnel(options: ConnectionOptions): ClientRequest {
    const { url } = this.#proxy;
    const host = options.host ?? "localhost";
    const target = `${host.includes(":") ? `[${host}]` : host}:${options.port ?? 443}`;
    const send = url.protocol === "https:" ? httpsRequest : httpRequest;
    return send({
      host: url.hostname.replace(/^\[|\]$/g, ""),
      port: url.port === "" ? undefined : Number(url.port),
      method: "CONNECT",
      path: target,
      agent: false,
      headers: { host: target, ...this.#proxy.connectHeaders },
    });
  }
}

/** Where no server name is set, the certificate is checked against the host. */
function serverNameOf(options: ConnectionOptions): ConnectionOptions {
  const isNamed = options.servername !== undefined && options.servername !== "";
  return isNamed || options.host === undefined || isIP(options.host) !== 0 ? {} : { servername: options.host };
}
