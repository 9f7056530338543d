import { isIPv6, SocketAddress } from "node:net";
import type { TLSSocket } from "node:tls";
import type { TlsSettings } from "./web-config.ts";

/** What is asked of a client's certificate. */
export type ClientPolicy = Pick<TlsSettings, "clientAuthType" | "clientAllowedSans">;

/**
 * Judges a connection by the certificate that its client has shown, if any. A connection that is resumed without one
 * counts as authorized to OpenSSL, so its presence is looked at as well.
 */
export function isClientAllowed(
  socket: Pick<TLSSocket, "authorized" | "getPeerX509Certificate">,
  { clientAuthType, clientAllowedSans }: ClientPolicy,
): boolean {
  if (clientAuthType === "NoClientCert") return true;
  const certificate = socket.getPeerX509Certificate();
  if (certificate === undefined) {
    return clientAuthType === "RequestClientCert" || clientAuthType === "VerifyClientCertIfGiven";
  }
  const isVerified = clientAuthType === "VerifyClientCertIfGiven" || clientAuthType === "RequireAndVerifyClientCert";
  if (isVerified && !socket.authorized) return false;
  if (clientAllowedSans.length === 0) return true;
  const names = parseAltNames(certificate.subjectAltName);
  return clientAllowedSans.some((allowed) => names.includes(shortForm(allowed)));
}

/** IPv6 addresses have many forms; anything else has one. */
function shortForm(name: string): string {
  return isIPv6(name) ? new SocketAddress({ address: name, family: "ipv6" }).address : name;
}

/** The names of `DNS:a, IP Address:10.0.0.1, email:b@c, URI:spiffe://d`; those with special characters are in quotes. */
export function parseAltNames(text: string | undefined): readonly string[] {
  const names: string[] = [];
  const entry = /(?:^|, )(DNS|IP Address|email|URI|[A-Za-z ]+):("(?:[^"\\]|\\.)*"|[^,"]*)(?=, |$)/y;
  while (true) {
    const [, kind, value] = entry.exec(text ?? "") ?? [];
    if (kind === undefined || value === undefined) return names;
    if (!["DNS", "IP Address", "email", "URI"].includes(kind)) continue;
    const name = value.startsWith('"') ? unquote(value) : value;
    if (name !== undefined) names.push(shortForm(name));
  }
}

function unquote(value: string): string | undefined {
  try {
    const name: unknown = JSON.parse(value);
    return typeof name === "string" ? name : undefined;
  } catch {
    return undefined;
  }
}
