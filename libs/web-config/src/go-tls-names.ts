import type { SecureVersion } from "node:tls";

/** Versions of TLS by the names that upstream's files use, oldest first. */
export const TLS_VERSIONS = ["TLS10", "TLS11", "TLS12", "TLS13"] as const;
export type TlsVersionName = (typeof TLS_VERSIONS)[number];

/** OpenSSL's names of the versions. */
export const VERSION_OF: Readonly<Record<TlsVersionName, SecureVersion>> = {
  TLS10: "TLSv1",
  TLS11: "TLSv1.1",
  TLS12: "TLSv1.2",
  TLS13: "TLSv1.3",
};

/** Suites of TLS 1.3; whoever allows that version gets all of them. */
const SUITES_OF_TLS13 = ["TLS_AES_128_GCM_SHA256", "TLS_AES_256_GCM_SHA384", "TLS_CHACHA20_POLY1305_SHA256"] as const;

const OPENSSL_SUITES: ReadonlyMap<string, string> = new Map([
  ["TLS_ECDHE_ECDSA_WITH_AES_128_CBC_SHA", "ECDHE-ECDSA-AES128-SHA"],
  ["TLS_ECDHE_ECDSA_WITH_AES_256_CBC_SHA", "ECDHE-ECDSA-AES256-SHA"],
  ["TLS_ECDHE_RSA_WITH_AES_128_CBC_SHA", "ECDHE-RSA-AES128-SHA"],
  ["TLS_ECDHE_RSA_WITH_AES_256_CBC_SHA", "ECDHE-RSA-AES256-SHA"],
  ["TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256", "ECDHE-ECDSA-AES128-GCM-SHA256"],
  ["TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384", "ECDHE-ECDSA-AES256-GCM-SHA384"],
  ["TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256", "ECDHE-RSA-AES128-GCM-SHA256"],
  ["TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384", "ECDHE-RSA-AES256-GCM-SHA384"],
  ["TLS_ECDHE_RSA_WITH_CHACHA20_POLY1305_SHA256", "ECDHE-RSA-CHACHA20-POLY1305"],
  ["TLS_ECDHE_ECDSA_WITH_CHACHA20_POLY1305_SHA256", "ECDHE-ECDSA-CHACHA20-POLY1305"],
]);

/** Names of cipher suites that a file may give: those of Go's crypto/tls that it counts as secure. */
export const CIPHER_SUITES: readonly string[] = [...SUITES_OF_TLS13, ...OPENSSL_SUITES.keys()];

/**
 * OpenSSL's list for suites under Go's names. As in Go, suites of TLS 1.3 cannot be chosen from: a list without them
 * does not switch that version off.
 */
export function opensslSuites(names: readonly string[]): string {
  const older = names.flatMap((name) => OPENSSL_SUITES.get(name) ?? []);
  return [...SUITES_OF_TLS13, ...older].join(":");
}

/** Elliptic curves by Go's names, with OpenSSL's. */
export const CURVES: ReadonlyMap<string, string> = new Map([
  ["CurveP256", "P-256"],
  ["CurveP384", "P-384"],
  ["CurveP521", "P-521"],
  ["X25519", "X25519"],
]);
