import {
  type Fields,
  list,
  mapping,
  type NodeAt,
  optional,
  record,
  required,
  type Schema,
  shownDefault,
  type ValueOf,
  withDefault,
} from "../yaml/schema.ts";
import { boolean, filePath, oneOf, secret, text, url } from "../yaml/scalars.ts";

const TLS_VERSIONS = ["TLS10", "TLS11", "TLS12", "TLS13"] as const;

function tlsFields(path: Schema<string>) {
  return {
    ca: optional(text),
    cert: optional(text),
    key: optional(secret),
    ca_file: optional(path),
    cert_file: optional(path),
    key_file: optional(path),
    server_name: optional(text),
    insecure_skip_verify: shownDefault(boolean, false),
    min_version: optional(oneOf(TLS_VERSIONS)),
    max_version: optional(oneOf(TLS_VERSIONS)),
  } satisfies Fields;
}

type TlsFields = ReturnType<typeof tlsFields>;

/** A `tls_config` as decoded. */
export type TlsSection = ValueOf<TlsFields>;

/** A `tls_config` whose paths are read by `path`, which says where relative ones start. */
export function tlsConfigWith(path: Schema<string>): Schema<TlsSection> {
  return mapping({ name: "tls_config", fields: tlsFields(path), check: checkTls });
}

function checkTls(tls: TlsSection, at: NodeAt<TlsFields>): void {
  for (const name of ["ca", "cert", "key"] as const) {
    if (tls[name] !== undefined && tls[`${name}_file`] !== undefined) {
      at(name).fault(`at most one of ${name} & ${name}_file must be configured`);
    }
  }
  const hasCert = tls.cert !== undefined || tls.cert_file !== undefined;
  const hasKey = tls.key !== undefined || tls.key_file !== undefined;
  if (hasCert !== hasKey) at().fault("a client certificate needs both its certificate and its key");
  if (tls.min_version !== undefined && tls.max_version !== undefined && tls.min_version > tls.max_version) {
    at("min_version").fault("min_version must not be above max_version");
  }
}

export const tlsConfig = tlsConfigWith(filePath);

const basicAuth = mapping({
  name: "basic_auth",
  fields: {
    username: optional(text),
    username_file: optional(filePath),
    password: optional(secret),
    password_file: optional(filePath),
  },
  check: (auth, at) => {
    if (auth.username !== undefined && auth.username_file !== undefined) {
      at("username").fault("at most one of username & username_file must be configured");
    }
    if (auth.password !== undefined && auth.password_file !== undefined) {
      at("password").fault("at most one of password & password_file must be configured");
    }
  },
});

const authorization = mapping({
  name: "authorization",
  fields: {
    type: shownDefault(text, "Bearer"),
    credentials: optional(secret),
    credentials_file: optional(filePath),
  },
  check: (auth, at) => {
    if (auth.credentials !== undefined && auth.credentials_file !== undefined) {
      at("credentials").fault("at most one of credentials & credentials_file must be configured");
    }
    if (auth.type.toLowerCase() === "basic") {
      at("type").fault('authorization type cannot be set to "basic", use "basic_auth" instead');
    }
  },
});

const proxyFields = {
  proxy_url: optional(url),
  no_proxy: optional(text),
  proxy_from_environment: withDefault(boolean, false),
  proxy_connect_header: optional(record(list(secret, "header values"), "lists of header values")),
} satisfies Fields;

const oauth2 = mapping({
  name: "oauth2",
  fields: {
    client_id: required(text),
    client_secret: optional(secret),
    client_secret_file: optional(filePath),
    client_secret_ref: optional(text),
    client_certificate_key_id: optional(text),
    client_certificate_key: optional(secret),
    client_certificate_key_file: optional(filePath),
    client_certificate_key_ref: optional(text),
    grant_type: optional(oneOf(["client_credentials", "urn:ietf:params:oauth:grant-type:jwt-bearer"])),
    signature_algorithm: optional(oneOf(["RS256", "RS384", "RS512"])),
    iss: optional(text),
    audience: optional(text),
    claims: optional(record(text, "claims")),
    scopes: optional(list(text, "scopes")),
    token_url: required(url),
    endpoint_params: optional(record(text, "parameters")),
    tls_config: optional(tlsConfig),
    ...proxyFields,
  },
});

const headerConfig = mapping({
  name: "http_headers",
  fields: {
    values: optional(list(text, "header values")),
    secrets: optional(list(secret, "secret header values")),
    files: optional(list(filePath, "files with header values")),
  },
});

/** The fields that every section which makes HTTP requests has. */
export const httpClientFields = {
  basic_auth: optional(basicAuth),
  authorization: optional(authorization),
  oauth2: optional(oauth2),
  bearer_token: optional(secret),
  bearer_token_file: optional(filePath),
  tls_config: optional(tlsConfig),
  follow_redirects: shownDefault(boolean, true),
  enable_http2: shownDefault(boolean, true),
  ...proxyFields,
  http_headers: optional(record(headerConfig, "headers")),
} satisfies Fields;

/** The HTTP client part of a section, as decoded. */
export type HttpClientSection = ValueOf<typeof httpClientFields>;

/** Headers that the client sets by itself; a configured one would break the request. */
const RESERVED_HEADERS = new Set([
  "authorization",
  "host",
  "content-encoding",
  "content-length",
  "content-type",
  "user-agent",
  "connection",
  "keep-alive",
  "proxy-authenticate",
  "proxy-authorization",
  "www-authenticate",
  "accept-encoding",
  "x-prometheus-remote-write-version",
  "x-prometheus-remote-read-version",
  "x-prometheus-scrape-timeout-seconds",
  "transfer-encoding",
]);

export function checkHttpClient(http: HttpClientSection, at: NodeAt<typeof httpClientFields>): void {
  const auths = ["basic_auth", "authorization", "oauth2", "bearer_token", "bearer_token_file"] as const;
  const given = auths.filter((name) => http[name] !== undefined);
  if (given.length > 1) {
    at(given[1]).fault(
      `at most one of basic_auth, authorization, oauth2 & bearer_token must be configured, found ${given.join(" and ")}`,
    );
  }
  if (http.proxy_from_environment && (http.proxy_url !== undefined || http.no_proxy !== undefined)) {
    at("proxy_from_environment").fault("proxy_from_environment does not go together with proxy_url or no_proxy");
  }
  if (http.no_proxy !== undefined && http.proxy_url === undefined) at("no_proxy").fault("no_proxy needs a proxy_url");
  for (const name of Object.keys(http.http_headers ?? {})) {
    if (RESERVED_HEADERS.has(name.toLowerCase())) {
      at("http_headers").fault(`header ${name} is set by the client itself and cannot be configured`);
    }
  }
  warnUnsupported(http, at);
}

const onlyHttpClient = mapping({ name: "the HTTP client", fields: httpClientFields });
const DEFAULT_RENDERING = JSON.stringify({ follow_redirects: true, enable_http2: true });

/** Whether a section says nothing about its HTTP client but what holds without it. */
export function isDefaultHttpClient(http: HttpClientSection): boolean {
  const rendered = JSON.stringify(onlyHttpClient.render(http, "revealed"));
  return rendered === DEFAULT_RENDERING;
}

function warnUnsupported(http: HttpClientSection, at: NodeAt<typeof httpClientFields>): void {
  const grant = http.oauth2?.grant_type ?? "client_credentials";
  if (grant !== "client_credentials") at("oauth2").warn(`the grant type ${grant} is not supported yet and ignored`);
}
