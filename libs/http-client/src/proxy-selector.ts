import type { ProxyConfig } from "@monotreme/prometheus-config";
import { basicCredentials } from "./credential-headers.ts";
import { decodedPart } from "./decoded-part.ts";
import { HttpClientError } from "./http-client-error.ts";
import { isExcludedFromProxy } from "./no-proxy.ts";

/** Environment variables as the process has them. */
export type Environment = Readonly<Record<string, string | undefined>>;

/** A proxy and what it wants to be told. */
export interface ProxyTarget {
  /** Without user and password. */
  readonly url: URL;
  /** Tells proxies apart; holds credentials, never to be shown. */
  readonly key: string;
  /** Headers of `CONNECT`, and of requests that the proxy forwards. */
  readonly connectHeaders: Readonly<Record<string, string[]>>;
}

/** The proxy for a request, undefined for a direct connection. Throws `HttpClientError` for one that cannot be used. */
export function selectProxy(
  target: URL,
  config: ProxyConfig | undefined,
  environment: Environment,
): ProxyTarget | undefined {
  if (config === undefined) return undefined;
  const port = target.port === "" ? (target.protocol === "https:" ? "443" : "80") : target.port;
  if (config.isFromEnvironment) {
    const name = target.protocol === "https:" ? "https_proxy" : "http_proxy";
    const address = environment[name.toUpperCase()] ?? environment[name] ?? "";
    const noProxy = environment["NO_PROXY"] ?? environment["no_proxy"] ?? "";
    if (address === "" || isExcludedFromProxy(target.hostname, port, noProxy)) return undefined;
    return proxyTarget(address.includes("://") ? address : `http://${address}`, config);
  }
  if (config.url === undefined) return undefined;
  // As upstream: without a list even this machine's own addresses take the proxy.
  if (config.noProxy !== "" && isExcludedFromProxy(target.hostname, port, config.noProxy)) return undefined;
  return proxyTarget(config.url, config);
}

function proxyTarget(address: string, config: ProxyConfig): ProxyTarget {
  if (!URL.canParse(address)) throw new HttpClientError("address", "the proxy's address is no URL");
  const url = new URL(address);
  if (url.protocol !== "http:" && url.protocol !== "https:") {
    throw new HttpClientError(
      "address",
      `proxies of the protocol ${url.protocol} are not supported, only http and https`,
    );
  }
  const headers = Object.fromEntries(
    Object.entries(config.connectHeaders).map(([name, values]) => [
      name.toLowerCase(),
      values.map((value) => value.reveal()),
    ]),
  );
  if (url.username !== "") {
    headers["proxy-authorization"] = [basicCredentials(decodedPart(url.username), decodedPart(url.password))];
  }
  const key = `${address}\n${JSON.stringify(headers)}`;
  url.username = "";
  url.password = "";
  return { url, key, connectHeaders: headers };
}
