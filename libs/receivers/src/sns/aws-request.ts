import aws4 from "aws4";

import type { AwsCredentials } from "./aws-credentials.ts";

/** A request to one of AWS' query APIs. */
export interface AwsCall {
  readonly service: "sns" | "sts";
  readonly region: string;
  /** The endpoint. */
  readonly url: string;
  /** The form's body. */
  readonly body: string;
}

const CONTENT_TYPE = "application/x-www-form-urlencoded; charset=utf-8";

/** The headers that sign a POST with signature version 4 at this time (epoch milliseconds). */
export function signedHeaders(call: AwsCall, credentials: AwsCredentials, nowMs: number): Record<string, string> {
  const url = new URL(call.url);
  const signed = aws4.sign(
    {
      service: call.service,
      region: call.region,
      method: "POST",
      host: url.host,
      path: `${url.pathname}${url.search}`,
      body: call.body,
      headers: {
        "Content-Type": CONTENT_TYPE,
        "X-Amz-Date": new Date(nowMs).toISOString().replace(/[:-]|\.\d{3}/g, ""),
      },
    },
    { ...credentials },
  );
  return Object.fromEntries(
    Object.entries(signed.headers ?? {}).map(([name, value]) => [name.toLowerCase(), String(value)]),
  );
}

/** A form as AWS signs it: everything but unreserved characters is percent-encoded. */
export function formBody(fields: readonly (readonly [string, string])[]): string {
  return fields.map(([name, value]) => `${encode(name)}=${encode(value)}`).join("&");
}

function encode(text: string): string {
  // Halves of characters, which have no encoding, become replacement characters.
  const escaped = encodeURIComponent(Buffer.from(text).toString("utf8"));
  return escaped.replace(/[!'()*]/g, (char) => `%${char.charCodeAt(0).toString(16).toUpperCase()}`);
}
