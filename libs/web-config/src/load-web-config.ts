import { readFile, stat } from "node:fs/promises";
import { dirname } from "node:path";
import { createSecureContext, type TlsOptions } from "node:tls";
import { messageOf } from "@monotreme/errors";
import { ConfigFileError, isMissing } from "@monotreme/prometheus-config";
import { CURVES, opensslSuites, VERSION_OF } from "./go-tls-names.ts";
import { parseWebConfig } from "./parse-web-config.ts";
import type { PemSource, TlsSettings, WebConfig } from "./web-config.ts";

/** A web configuration with everything that it names, read and tried. */
export interface LoadedWebConfig {
  readonly config: WebConfig;
  /** Undefined: plain HTTP. */
  readonly tlsOptions: TlsOptions | undefined;
  /** The file and those that it names. */
  readonly files: readonly string[];
  /** Their {@link fingerprintOf} before they were read: a change in between shows as one. */
  readonly fingerprint: string;
}

/**
 * Reads the file, its certificates and keys. Throws {@link ConfigFileError} for faults of the file, and for certificates
 * and keys that are missing, broken or do not fit each other.
 */
export async function loadWebConfig(path: string): Promise<LoadedWebConfig> {
  const ownFingerprint = await fingerprintOf([path]);
  const text = await readText(path, "cannot read the web configuration");
  const config = parseWebConfig(text, { fileName: path, folder: dirname(path) });
  const { tls } = config;
  const sources = tls === undefined ? [] : [tls.cert, tls.key, tls.clientCa];
  const named = sources.flatMap((source) => (source !== undefined && "file" in source ? [source.file] : []));
  const fingerprint = [ownFingerprint, ...(named.length === 0 ? [] : [await fingerprintOf(named)])].join("\n");
  const tlsOptions = tls === undefined ? undefined : await readTls(path, tls);
  return { config, tlsOptions, files: [path, ...named], fingerprint };
}

/** Tells one state of the files from another; a file that is missing is a state too. */
export async function fingerprintOf(files: readonly string[]): Promise<string> {
  const parts = files.map(async (file) => {
    try {
      const { mtimeMs, ctimeMs, size, ino } = await stat(file);
      return `${file} ${mtimeMs} ${ctimeMs} ${size} ${ino}`;
    } catch {
      return `${file} -`;
    }
  });
  return (await Promise.all(parts)).join("\n");
}

async function readTls(path: string, tls: TlsSettings): Promise<TlsOptions> {
  const [cert, key, ca] = await Promise.all([
    readPem(path, "cert_file", tls.cert),
    readPem(path, "key_file", tls.key),
    tls.clientCa && readPem(path, "client_ca_file", tls.clientCa),
  ]);
  const options: TlsOptions = {
    cert,
    key,
    ...(ca === undefined ? {} : { ca }),
    requestCert: tls.clientAuthType !== "NoClientCert",
    minVersion: VERSION_OF[tls.minVersion],
    maxVersion: VERSION_OF[tls.maxVersion],
    honorCipherOrder: tls.prefersServerSuites,
    ...(tls.cipherSuites.length === 0 ? {} : { ciphers: opensslSuites(tls.cipherSuites) }),
    ...(tls.curves.length === 0 ? {} : { ecdhCurve: tls.curves.map((curve) => CURVES.get(curve)).join(":") }),
  };
  if (ca !== undefined && !ca.includes("-----BEGIN CERTIFICATE-----")) {
    throw new ConfigFileError([`${path}: tls_server_config: there is no certificate in client_ca`]);
  }
  try {
    createSecureContext(options);
  } catch (error) {
    throw new ConfigFileError(
      [`${path}: tls_server_config: cannot use certificate and key: ${messageOf(error)}`],
      error,
    );
  }
  return options;
}

async function readPem(path: string, field: string, source: PemSource): Promise<string> {
  if ("inline" in source) return source.inline.reveal();
  return readText(source.file, `cannot read ${field} of ${path}`);
}

async function readText(path: string, purpose: string): Promise<string> {
  try {
    return await readFile(path, "utf8");
  } catch (error) {
    const reason = isMissing(error) ? "no such file" : messageOf(error);
    throw new ConfigFileError([`${path}: ${purpose}: ${reason}`], error);
  }
}
