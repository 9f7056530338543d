import {
  boolean,
  type ConfigNode,
  filePath,
  list,
  mapping,
  oneOf,
  optional,
  record,
  scalar,
  secret,
  text,
  type ValueOf,
  withDefault,
} from "@monotreme/prometheus-config";
import { CIPHER_SUITES, CURVES, TLS_VERSIONS } from "./go-tls-names.ts";

const CLIENT_AUTH_TYPES = [
  "NoClientCert",
  "RequestClientCert",
  "RequireAnyClientCert",
  // An older name of the one before.
  "RequireClientCert",
  "VerifyClientCertIfGiven",
  "RequireAndVerifyClientCert",
] as const;

const tlsFields = {
  cert: optional(secret),
  cert_file: optional(filePath),
  key: optional(secret),
  key_file: optional(filePath),
  client_ca: optional(secret),
  client_ca_file: optional(filePath),
  client_auth_type: optional(oneOf(CLIENT_AUTH_TYPES)),
  client_allowed_sans: withDefault(list(text, "names"), []),
  min_version: withDefault(oneOf(TLS_VERSIONS), "TLS12"),
  max_version: withDefault(oneOf(TLS_VERSIONS), "TLS13"),
  cipher_suites: withDefault(list(oneOf(CIPHER_SUITES), "cipher suites"), []),
  prefer_server_cipher_suites: withDefault(boolean, true),
  curve_preferences: withDefault(list(oneOf([...CURVES.keys()]), "curves"), []),
};

export type TlsServerSection = ValueOf<typeof tlsFields>;

/** Whether the section asks for TLS at all; upstream counts these fields and no others. */
export function asksForTls(tls: TlsServerSection): boolean {
  const { cert, cert_file, key, key_file, client_ca, client_ca_file, client_auth_type } = tls;
  return [cert, cert_file, key, key_file, client_ca, client_ca_file, client_auth_type].some(isGiven);
}

/** An empty text counts as not given, as in upstream. */
export function isGiven(value: unknown): boolean {
  return value !== undefined && value !== "";
}

function checkTls(tls: TlsServerSection, at: (field?: keyof TlsServerSection) => ConfigNode): void {
  if (TLS_VERSIONS.indexOf(tls.min_version) > TLS_VERSIONS.indexOf(tls.max_version)) {
    at("min_version").fault(`min_version ${tls.min_version} is above max_version ${tls.max_version}`);
  }
  for (const name of ["cert", "key", "client_ca"] as const) {
    const file = `${name}_file` as const;
    if (isGiven(tls[name]) && isGiven(tls[file])) at(name).fault(`at most one of ${name} and ${file} may be given`);
  }
  if (!asksForTls(tls)) {
    at().warn("tls_server_config has neither a certificate nor a key: plain HTTP is served");
    return;
  }
  if (!isGiven(tls.cert) && !isGiven(tls.cert_file)) at().fault("missing one of cert or cert_file");
  if (!isGiven(tls.key) && !isGiven(tls.key_file)) at().fault("missing one of key or key_file");
  const hasAuthority = isGiven(tls.client_ca) || isGiven(tls.client_ca_file);
  if (hasAuthority && (tls.client_auth_type ?? "NoClientCert") === "NoClientCert") {
    at().fault("a client CA is given without a client_auth_type that asks for certificates");
  }
}

/** Headers that may be set, each with the values allowed; none listed: any. */
const HEADERS: Readonly<Record<string, readonly string[]>> = {
  "Content-Security-Policy": [],
  "X-Frame-Options": ["deny", "sameorigin"],
  "X-Content-Type-Options": ["nosniff"],
  "X-XSS-Protection": [],
  "Strict-Transport-Security": [],
};

const headerValue = scalar({
  expected: "the value of a header, in ASCII on one line",
  parse: (value) => (/^[\t\x20-\x7e]*$/.test(value) ? value : undefined),
});

function headerField(values: readonly string[]) {
  return optional(values.length === 0 ? headerValue : oneOf(values));
}

const headers = mapping({
  name: "headers",
  fields: Object.fromEntries(Object.entries(HEADERS).map(([name, values]) => [name, headerField(values)])),
});

const http = mapping({
  name: "http_server_config",
  fields: { http2: optional(boolean), headers: optional(headers) },
  check: ({ http2 }, at) => {
    if (http2 === true) at("http2").warn("HTTP/2 is not spoken here: clients get HTTP/1.1");
  },
});

/** Above this a single attempt to sign in keeps a core busy for many seconds. */
const COSTLY = 14;

const BCRYPT_HASH = /^\$2[aby]\$(0[4-9]|[12]\d|3[01])\$[./A-Za-z0-9]{53}$/;

/** Never shown in a fault: it may be a password that somebody forgot to hash. */
const bcryptHash = {
  decode: (node: ConfigNode): string | undefined => {
    const cost = BCRYPT_HASH.exec(node.text ?? "")?.[1];
    if (cost === undefined) {
      node.fault("expected a bcrypt hash such as $2y$10$ followed by 53 characters");
      return undefined;
    }
    if (Number(cost) > COSTLY) node.warn(`cost ${cost}: each sign-in that is not remembered takes seconds or longer`);
    return node.text;
  },
  render: () => "<secret>",
};

/** The whole file. */
export const webConfigSection = mapping({
  name: "the web configuration",
  fields: {
    tls_server_config: optional(mapping({ name: "tls_server_config", fields: tlsFields, check: checkTls })),
    http_server_config: optional(http),
    basic_auth_users: optional(record(bcryptHash, "bcrypt hashes")),
  },
  check: ({ basic_auth_users: users }, at) => {
    const node = at("basic_auth_users");
    const isThere = node !== at();
    if (isThere && Object.keys(users ?? {}).length === 0) node.warn("no users: nobody is asked for a password");
  },
});
