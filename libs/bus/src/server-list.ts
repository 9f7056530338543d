/** What `--nats.url` names: servers, and how to log in to all of them. */
export interface ServerList {
  /** Addresses without credentials. */
  readonly servers: readonly string[];
  readonly credentials: { readonly user: string; readonly pass: string } | { readonly token: string } | undefined;
}

/**
 * Addresses separated by commas, as NATS' other clients take them: `nats://user:password@host:4222` or
 * `nats://token@host:4222`, percent-encoded. The first credentials hold for all servers.
 */
export function parseServerList(text: string): ServerList {
  const addresses = text
    .split(",")
    .map((address) => address.trim())
    .filter((address) => address !== "");
  const given = addresses.map((address) => /^(?:[a-z]+:\/\/)?([^/@]+)@/.exec(address)?.[1]);
  return {
    servers: addresses.map((address) => address.replace(/^([a-z]+:\/\/)?[^/@]+@/, "$1")),
    credentials: credentialsFrom(given.find((one) => one !== undefined)),
  };
}

function credentialsFrom(userInfo: string | undefined): ServerList["credentials"] {
  if (userInfo === undefined) return undefined;
  const colonAt = userInfo.indexOf(":");
  if (colonAt < 0) return { token: decoded(userInfo) };
  return { user: decoded(userInfo.slice(0, colonAt)), pass: decoded(userInfo.slice(colonAt + 1)) };
}

/** A password that holds a bare percent sign is taken as it stands. */
function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
