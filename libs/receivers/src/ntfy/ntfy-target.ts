import { createHash } from "node:crypto";

import { DeliveryError } from "../delivery-error.ts";

const TOPIC = /^[-_A-Za-z0-9]{1,64}$/;
const SEQUENCE_ID_LENGTH = 20;

/** Where a message goes: the server's root, which takes messages as JSON, and the topic. */
export interface NtfyTarget {
  /** Ends in a slash; may have a path where ntfy stands behind a prefix. Holds no credentials. */
  readonly server: string;
  readonly topic: string;
  /** The header that the address asked for, by a user in front of the host or by `?auth=`. */
  readonly authorization: string | undefined;
}

/** Takes an address `https://host/topic` apart; throws a `DeliveryError` that does not repeat it. */
export function parseNtfyAddress(address: string, topicOverride: string): NtfyTarget {
  const url = parseUrl(address.trim());
  const path = url.pathname.replace(/\/+$/, "");
  const cut = path.lastIndexOf("/");
  const lastPart = path.slice(cut + 1);
  const override = topicOverride.trim();
  const topic = override === "" ? lastPart : override;
  if (!TOPIC.test(topic)) throw refused("its topic is not 1 to 64 letters, digits, _ or -");
  return {
    server: `${url.origin}${path.slice(0, cut + 1) || "/"}`,
    topic,
    authorization: authorizationOf(url),
  };
}

/** The id by which later messages of a group, or of one alert of it, replace the shown one. */
export function sequenceIdOf(receiver: string, groupKeyHash: string, fingerprint: string | undefined): string {
  const hash = createHash("sha256").update(JSON.stringify([receiver, groupKeyHash, fingerprint ?? null]));
  return hash.digest("base64url").slice(0, SEQUENCE_ID_LENGTH);
}

function parseUrl(address: string): URL {
  try {
    const url = new URL(address);
    if (url.protocol === "http:" || url.protocol === "https:") return url;
  } catch {
    // Refused below, without the parser's message: it repeats the address.
  }
  throw refused("it is no http(s) address");
}

function authorizationOf(url: URL): string | undefined {
  const inQuery = url.searchParams.get("auth");
  if (inQuery !== null && inQuery !== "") return Buffer.from(inQuery, "base64url").toString("utf8");
  if (url.username === "" && url.password === "") return undefined;
  return basicAuthorization(decodePart(url.username), decodePart(url.password));
}

function decodePart(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

/** The header of a user name and a password. */
export function basicAuthorization(username: string, password: string): string {
  return `Basic ${Buffer.from(`${username}:${password}`).toString("base64")}`;
}

function refused(why: string): DeliveryError {
  return new DeliveryError(`the ntfy address cannot be used: ${why}`, { isRetryable: false, reason: "clientError" });
}
