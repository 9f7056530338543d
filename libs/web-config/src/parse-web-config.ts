import { ConfigDocument, ConfigFileError, type Secret } from "@monotreme/prometheus-config";
import type { PemSource, TlsSettings, WebConfig } from "./web-config.ts";
import { asksForTls, isGiven, type TlsServerSection, webConfigSection } from "./web-config-section.ts";

/**
 * The typed form of a web configuration file; pure. Throws {@link ConfigFileError} with every fault and its line. The
 * format is that of exporter-toolkit, which Prometheus and Alertmanager use.
 */
export function parseWebConfig(text: string, place: { readonly fileName: string; readonly folder: string }): WebConfig {
  const document = new ConfigDocument(text, place);
  // A tree that the YAML reader had to guess at is not worth more faults.
  const file = document.faultCount === 0 ? webConfigSection.decode(document.root) : undefined;
  if (file === undefined || document.faultCount > 0) throw new ConfigFileError(document.faults);
  const { tls_server_config: tls, http_server_config: http, basic_auth_users: users } = file;
  const headers = Object.entries(http?.headers ?? {});
  return {
    tls: tls === undefined ? undefined : tlsFromSection(tls),
    headers: new Map(headers.flatMap(([name, value]) => (value === undefined ? [] : [[name, value] as const]))),
    users: new Map(Object.entries(users ?? {})),
    warnings: document.warnings,
  };
}

function tlsFromSection(tls: TlsServerSection): TlsSettings | undefined {
  const cert = pemFrom(tls.cert, tls.cert_file);
  const key = pemFrom(tls.key, tls.key_file);
  if (!asksForTls(tls) || cert === undefined || key === undefined) return undefined;
  const auth = tls.client_auth_type ?? "NoClientCert";
  return {
    cert,
    key,
    clientCa: pemFrom(tls.client_ca, tls.client_ca_file),
    clientAuthType: auth === "RequireClientCert" ? "RequireAnyClientCert" : auth,
    clientAllowedSans: tls.client_allowed_sans,
    minVersion: tls.min_version,
    maxVersion: tls.max_version,
    cipherSuites: tls.cipher_suites,
    prefersServerSuites: tls.prefer_server_cipher_suites,
    curves: tls.curve_preferences,
  };
}

function pemFrom(inline: Secret | undefined, file: string | undefined): PemSource | undefined {
  if (inline !== undefined) return { inline };
  return file !== undefined && isGiven(file) ? { file } : undefined;
}
