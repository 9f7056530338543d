import { createHash } from "node:crypto";
import { readFile } from "node:fs/promises";
import { Agent as HttpAgent } from "node:http";
import { type AgentOptions, Agent as HttpsAgent } from "node:https";
import type { SecureVersion } from "node:tls";
import { messageOf } from "@monotreme/errors";
import type { TlsConfig, TlsVersion } from "@monotreme/prometheus-config";
import { ScrapeError } from "./scrape-errors.ts";

/** Certificates are read again at most this often, so that rotated ones need no reload. */
const TLS_REFRESH_MS = 10_000;

const TLS_VERSIONS: Readonly<Record<TlsVersion, SecureVersion>> = {
  TLS10: "TLSv1",
  TLS11: "TLSv1.1",
  TLS12: "TLSv1.2",
  TLS13: "TLSv1.3",
};

/** The kept connections of one job. */
export class ConnectionAgents {
  readonly http = new HttpAgent({ keepAlive: true, maxFreeSockets: 1024 });
  readonly #tls: TlsConfig | undefined;
  #https: HttpsAgent | undefined;
  #fingerprint = "";
  #checkedAtMs = Number.NEGATIVE_INFINITY;

  constructor(tls: TlsConfig | undefined) {
    this.#tls = tls;
  }

  /** The agent for the certificates as they are on disk now. */
  async https(): Promise<HttpsAgent> {
    const nowMs = performance.now();
    if (this.#https !== undefined && nowMs - this.#checkedAtMs < TLS_REFRESH_MS) return this.#https;
    const options = await agentOptions(this.#tls);
    const fingerprint = createHash("sha256").update(JSON.stringify(options)).digest("hex");
    this.#checkedAtMs = nowMs;
    if (this.#https !== undefined && fingerprint === this.#fingerprint) return this.#https;
    if (this.#https !== undefined) closeIdle(this.#https);
    this.#fingerprint = fingerprint;
    this.#https = new HttpsAgent({ keepAlive: true, maxFreeSockets: 1024, ...options });
    return this.#https;
  }

  close(): void {
    this.http.destroy();
    this.#https?.destroy();
  }
}

/** Requests under way keep their connections; `destroy` would cut them. */
function closeIdle(agent: HttpsAgent): void {
  for (const sockets of Object.values(agent.freeSockets)) for (const socket of sockets ?? []) socket.destroy();
}

async function agentOptions(tls: TlsConfig | undefined): Promise<AgentOptions> {
  if (tls === undefined) return {};
  const ca = await textOf(tls.ca, tls.caFile);
  const cert = await textOf(tls.cert, tls.certFile);
  const key = await textOf(tls.key?.reveal(), tls.keyFile);
  return {
    ...(ca === undefined ? {} : { ca }),
    ...(cert === undefined ? {} : { cert }),
    ...(key === undefined ? {} : { key }),
    ...(tls.serverName === undefined ? {} : { servername: tls.serverName }),
    ...(tls.minVersion === undefined ? {} : { minVersion: TLS_VERSIONS[tls.minVersion] }),
    ...(tls.maxVersion === undefined ? {} : { maxVersion: TLS_VERSIONS[tls.maxVersion] }),
    rejectUnauthorized: !tls.insecureSkipVerify,
  };
}

async function textOf(text: string | undefined, file: string | undefined): Promise<string | undefined> {
  if (file === undefined) return text;
  try {
    return await readFile(file, "utf8");
  } catch (error) {
    throw new ScrapeError("request", `cannot read the TLS file ${file}: ${messageOf(error)}`, error);
  }
}
