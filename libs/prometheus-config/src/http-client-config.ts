import type { HttpClientConfig, HttpHeaderConfig, OAuth2Config, ProxyConfig, TlsConfig } from "./prometheus-config.ts";
import type { HttpClientSection, TlsSection } from "./sections/http-client-section.ts";

/** The typed form of the HTTP client part of a section. */
export function httpClientFromSection(section: HttpClientSection): HttpClientConfig {
  const { basic_auth: basicAuth, authorization, bearer_token: token, bearer_token_file: tokenFile } = section;
  const hasToken = token !== undefined || tokenFile !== undefined;
  return {
    basicAuth: basicAuth && {
      username: basicAuth.username,
      usernameFile: basicAuth.username_file,
      password: basicAuth.password,
      passwordFile: basicAuth.password_file,
    },
    authorization: hasToken
      ? { type: "Bearer", credentials: token, credentialsFile: tokenFile }
      : authorization && {
          type: authorization.type,
          credentials: authorization.credentials,
          credentialsFile: authorization.credentials_file,
        },
    tls: section.tls_config && tlsFromSection(section.tls_config),
    oauth2: section.oauth2 && oauth2FromSection(section.oauth2),
    proxy: proxyFromSection(section),
    followRedirects: section.follow_redirects,
    headers: headersFromSection(section.http_headers ?? {}),
  };
}

function oauth2FromSection(oauth2: NonNullable<HttpClientSection["oauth2"]>): OAuth2Config {
  return {
    clientId: oauth2.client_id,
    clientSecret: oauth2.client_secret,
    clientSecretFile: oauth2.client_secret_file,
    scopes: oauth2.scopes ?? [],
    tokenUrl: oauth2.token_url,
    endpointParams: oauth2.endpoint_params ?? {},
    tls: oauth2.tls_config && tlsFromSection(oauth2.tls_config),
    proxy: proxyFromSection(oauth2),
  };
}

type ProxyPart = Pick<HttpClientSection, "proxy_url" | "no_proxy" | "proxy_from_environment" | "proxy_connect_header">;

function proxyFromSection(section: ProxyPart): ProxyConfig | undefined {
  if (section.proxy_url === undefined && !section.proxy_from_environment) return undefined;
  return {
    url: section.proxy_url,
    noProxy: section.no_proxy ?? "",
    isFromEnvironment: section.proxy_from_environment,
    connectHeaders: section.proxy_connect_header ?? {},
  };
}

/** The typed form of a `tls_config`. */
export function tlsFromSection(tls: TlsSection): TlsConfig {
  return {
    ca: tls.ca,
    caFile: tls.ca_file,
    cert: tls.cert,
    certFile: tls.cert_file,
    key: tls.key,
    keyFile: tls.key_file,
    serverName: tls.server_name,
    insecureSkipVerify: tls.insecure_skip_verify,
    minVersion: tls.min_version,
    maxVersion: tls.max_version,
  };
}

function headersFromSection(
  headers: NonNullable<HttpClientSection["http_headers"]>,
): Readonly<Record<string, HttpHeaderConfig>> {
  return Object.fromEntries(
    Object.entries(headers).map(([name, header]) => [
      name,
      { values: header.values ?? [], secrets: header.secrets ?? [], files: header.files ?? [] },
    ]),
  );
}
