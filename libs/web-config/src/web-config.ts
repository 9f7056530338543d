import type { Secret } from "@monotreme/prometheus-config";
import type { TlsVersionName } from "./go-tls-names.ts";

/** What is asked of the certificates of clients; the names are those of Go's crypto/tls. */
export type ClientAuthType =
  | "NoClientCert"
  | "RequestClientCert"
  | "RequireAnyClientCert"
  | "VerifyClientCertIfGiven"
  | "RequireAndVerifyClientCert";

/** Something in PEM: written into the file itself, or in a file of its own. */
export type PemSource = { readonly inline: Secret } | { readonly file: string };

/** `tls_server_config`, checked, its files not read yet. */
export interface TlsSettings {
  readonly cert: PemSource;
  readonly key: PemSource;
  readonly clientCa: PemSource | undefined;
  readonly clientAuthType: ClientAuthType;
  /** A client's certificate must carry one of these names, unless there are none. */
  readonly clientAllowedSans: readonly string[];
  readonly minVersion: TlsVersionName;
  readonly maxVersion: TlsVersionName;
  /** Go's names; empty: the defaults. */
  readonly cipherSuites: readonly string[];
  readonly prefersServerSuites: boolean;
  /** Go's names; empty: the defaults. */
  readonly curves: readonly string[];
}

/** A web configuration file. */
export interface WebConfig {
  /** Undefined: plain HTTP. */
  readonly tls: TlsSettings | undefined;
  /** Headers of every answer. */
  readonly headers: ReadonlyMap<string, string>;
  /** bcrypt hashes by user; empty: nobody is asked. */
  readonly users: ReadonlyMap<string, string>;
  /** What is accepted and has no effect here, as `file:line:column: text`. */
  readonly warnings: readonly string[];
}
