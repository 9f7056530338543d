import { readFile } from "node:fs/promises";
import type { SecureVersion, TlsOptions } from "node:tls";
import { messageOf } from "@monotreme/errors";
import type { TlsConfig, TlsVersion } from "@monotreme/prometheus-config";
import { HttpClientError } from "./http-client-error.ts";

const TLS_VERSIONS: Readonly<Record<TlsVersion, SecureVersion>> = {
  TLS10: "TLSv1",
  TLS11: "TLSv1.1",
  TLS12: "TLSv1.2",
  TLS13: "TLSv1.3",
};

/** The part of Node's TLS options that a `tls_config` decides. */
export type TlsClientOptions = Pick<TlsOptions, "ca" | "cert" | "key" | "minVersion" | "maxVersion"> & {
  readonly servername?: string;
  readonly rejectUnauthorized?: boolean;
};

/** Node's options for a `tls_config`, with its files as they are on disk now. */
export async function tlsOptions(tls: TlsConfig | undefined): Promise<TlsClientOptions> {
  if (tls === undefined) return {};
  const ca = await textOf(tls.ca, tls.caFile);
  const cert = await textOf(tls.cert, tls.certFile);
  const key = await textOf(tls.key?.reveal(), tls.keyFile);
  return {
    ...(ca === undefined ? {} : { ca }),
    ...(cert === undefined ? {} : { cert }),
    ...(key === undefined ? {} : { key }),
    ...(tls.serverName === undefined ? {} : { servername: tls.serverName }),
    ...(tls.minVersion === undefined ? {} : { minVersion: TLS_VERSIONS[tls.minVersion] }),
    ...(tls.maxVersion === undefined ? {} : { maxVersion: TLS_VERSIONS[tls.maxVersion] }),
    rejectUnauthorized: !tls.insecureSkipVerify,
  };
}

async function textOf(text: string | undefined, file: string | undefined): Promise<string | undefined> {
  if (file === undefined) return text;
  try {
    return await readFile(file, "utf8");
  } catch (error) {
    throw new HttpClientError("credentials", `cannot read the TLS file ${file}: ${messageOf(error)}`, error);
  }
}
