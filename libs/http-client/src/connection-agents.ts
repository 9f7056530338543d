import { createHash } from "node:crypto";
import { Agent as HttpAgent } from "node:http";
import { Agent as HttpsAgent } from "node:https";
import type { TlsConfig } from "@monotreme/prometheus-config";
import type { ProxyTarget } from "./proxy-selector.ts";
import { TunnelAgent } from "./tunnel-agent.ts";
import { type TlsClientOptions, tlsOptions } from "./tls-options.ts";

/** Certificates are read again at most this often, so that rotated ones need no reload. */
const TLS_REFRESH_MS = 10_000;

const KEEP = { keepAlive: true, maxFreeSockets: 1024 } as const;

/** The kept connections of one client, direct ones and those through proxies. */
export class ConnectionAgents {
  readonly #tls: TlsConfig | undefined;
  readonly #http = new HttpAgent(KEEP);
  #https: HttpsAgent | undefined;
  readonly #tunnels = new Map<string, TunnelAgent>();
  #options: TlsClientOptions = {};
  #fingerprint: string | undefined;
  #checkedAtMs = Number.NEGATIVE_INFINITY;

  constructor(tls: TlsConfig | undefined) {
    this.#tls = tls;
  }

  /** The agent for plain connections, also for those to a proxy that forwards. */
  get http(): HttpAgent {
    return this.#http;
  }

  /** The agent for the certificates as they are on disk now. */
  async https(): Promise<HttpsAgent> {
    await this.#refresh();
    this.#https ??= new HttpsAgent({ ...KEEP, ...this.#options });
    return this.#https;
  }

  /** The same through a proxy's `CONNECT`. */
  async tunnel(proxy: ProxyTarget): Promise<TunnelAgent> {
    await this.#refresh();
    const known = this.#tunnels.get(proxy.key);
    if (known !== undefined) return known;
    const agent = new TunnelAgent(proxy, { ...KEEP, ...this.#options });
    this.#tunnels.set(proxy.key, agent);
    return agent;
  }

  close(): void {
    this.#http.destroy();
    for (const agent of this.#secureAgents()) agent.destroy();
  }

  /** Agents of old certificates are left to the requests under way. */
  async #refresh(): Promise<void> {
    const nowMs = performance.now();
    if (this.#fingerprint !== undefined && nowMs - this.#checkedAtMs < TLS_REFRESH_MS) return;
    const options = await tlsOptions(this.#tls);
    const fingerprint = createHash("sha256").update(JSON.stringify(options)).digest("hex");
    this.#checkedAtMs = nowMs;
    if (fingerprint === this.#fingerprint) return;
    for (const agent of this.#secureAgents()) closeIdle(agent);
    this.#https = undefined;
    this.#tunnels.clear();
    this.#options = options;
    this.#fingerprint = fingerprint;
  }

  *#secureAgents(): Iterable<HttpsAgent> {
    if (this.#https !== undefined) yield this.#https;
    yield* this.#tunnels.values();
  }
}

/** Requests under way keep their connections; `destroy` would cut them. */
function closeIdle(agent: HttpsAgent): void {
  for (const sockets of Object.values(agent.freeSockets)) for (const socket of sockets ?? []) socket.destroy();
}
