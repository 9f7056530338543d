import type { IncomingMessage } from "node:http";
import type { HttpRequest } from "./http-request.ts";
import { HttpClientError } from "./http-client-error.ts";

/** Codes after which anything but HEAD becomes a GET without a body, as browsers and Go do. */
const TO_GET: ReadonlySet<number> = new Set([301, 302, 303]);
const KEEPS_METHOD: ReadonlySet<number> = new Set([307, 308]);

/** The request that an answer redirects to; undefined if it does not. */
export function redirectedRequest(request: HttpRequest, response: IncomingMessage): HttpRequest | undefined {
  const status = response.statusCode ?? 0;
  const { location } = response.headers;
  if (location === undefined || !(TO_GET.has(status) || KEEPS_METHOD.has(status))) return undefined;
  const url = redirectUrl(location, request.url);
  if (KEEPS_METHOD.has(status) || request.method === "HEAD" || request.method === "GET") return { ...request, url };
  const headers = Object.fromEntries(
    Object.entries(request.headers ?? {}).filter(([name]) => !name.toLowerCase().startsWith("content-")),
  );
  return { method: "GET", url, headers, signal: request.signal };
}

function redirectUrl(location: string, from: string): string {
  if (!URL.canParse(location, from)) throw new HttpClientError("redirect", "the server redirects to an invalid URL");
  const url = new URL(location, from);
  if (url.protocol === "http:" || url.protocol === "https:") return url.href;
  throw new HttpClientError("redirect", `the server redirects to the protocol ${url.protocol}, expected http or https`);
}
