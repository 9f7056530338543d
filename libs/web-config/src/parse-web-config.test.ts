import { ConfigFileError } from "@monotreme/prometheus-config";
import { describe, expect, test } from "vitest";
import { parseWebConfig } from "./parse-web-config.ts";
import type { WebConfig } from "./web-config.ts";

const HASH = `$2y$10$${"a".repeat(53)}`;

function parse(text: string): WebConfig {
  return parseWebConfig(text, { fileName: "web.yml", folder: "/etc/web" });
}

function faultsOf(text: string): readonly string[] {
  try {
    parse(text);
    return [];
  } catch (error) {
    if (error instanceof ConfigFileError) return error.faults;
    throw error;
  }
}

describe("web configuration", () => {
  test("an empty file asks for nothing", () => {
    expect(parse("")).toEqual({ tls: undefined, headers: new Map(), users: new Map(), warnings: [] });
  });

  test("all that upstream documents is read, paths from the file's folder", () => {
    const config = parse(`
tls_server_config:
  cert_file: server.crt
  key_file: /keys/server.key
  client_auth_type: RequireAndVerifyClientCert
  client_ca_file: ../ca.crt
  client_allowed_sans: [scraper.example.org]
  min_version: TLS13
  max_version: TLS13
  cipher_suites: [TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256]
  prefer_server_cipher_suites: false
  curve_preferences: [CurveP256, X25519]
http_server_config:
  http2: false
  headers:
    Content-Security-Policy: default-src 'self'
    X-Frame-Options: deny
    X-Content-Type-Options: nosniff
    X-XSS-Protection: "1"
    Strict-Transport-Security: max-age=60
basic_auth_users:
  alice: ${HASH}
  __proto__: ${HASH}
`);
    expect(config.tls).toEqual({
      cert: { file: "/etc/web/server.crt" },
      key: { file: "/keys/server.key" },
      clientCa: { file: "/etc/ca.crt" },
      clientAuthType: "RequireAndVerifyClientCert",
      clientAllowedSans: ["scraper.example.org"],
      minVersion: "TLS13",
      maxVersion: "TLS13",
      cipherSuites: ["TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256"],
      prefersServerSuites: false,
      curves: ["CurveP256", "X25519"],
    });
    expect([...config.headers.keys()]).toHaveLength(5);
    expect([...config.users.keys()]).toEqual(["alice", "__proto__"]);
    expect(config.warnings).toEqual([]);
  });

  test("without them TLS 1.2 and 1.3 are spoken, and certificates of clients are not asked for", () => {
    expect(parse("tls_server_config: {cert_file: a, key_file: b}").tls).toMatchObject({
      clientAuthType: "NoClientCert",
      minVersion: "TLS12",
      maxVersion: "TLS13",
      prefersServerSuites: true,
    });
  });

  test("a certificate may stand in the file, and an older name of a client policy is known", () => {
    const { tls } = parse("tls_server_config: {cert: CERT, key: KEY, client_auth_type: RequireClientCert}");
    expect(tls?.clientAuthType).toBe("RequireAnyClientCert");
    expect(tls !== undefined && "inline" in tls.key ? tls.key.inline.reveal() : undefined).toBe("KEY");
    expect(JSON.stringify(tls)).not.toContain("KEY");
  });

  test.each([
    ["tls_server_config: {cert_file: a}", "web.yml:1:20: missing one of key or key_file"],
    ["tls_server_config: {key_file: a}", "missing one of cert or cert_file"],
    ["tls_server_config: {client_auth_type: NoClientCert}", "missing one of"],
    ["tls_server_config: {cert_file: a, cert: b, key: c}", "at most one of cert and cert_file"],
    ["tls_server_config: {cert_file: a, key_file: b, client_ca_file: c}", "without a client_auth_type"],
    ["tls_server_config: {cert_file: a, key_file: b, client_auth_type: Perhaps}", "expected one of NoClientCert"],
    ["tls_server_config: {cert_file: a, key_file: b, min_version: TLS13, max_version: TLS12}", "is above max_version"],
    ["tls_server_config: {cert_file: a, key_file: b, min_version: SSL30}", "expected one of TLS10"],
    ["tls_server_config: {cert_file: a, key_file: b, cipher_suites: [TLS_RSA_WITH_RC4_128_SHA]}", "expected one of"],
    ["tls_server_config: {cert_file: a, key_file: b, curve_preferences: [P-256]}", "expected one of CurveP256"],
    ["http_server_config: {headers: {X-Powered-By: us}}", "field X-Powered-By not found in headers"],
    ["http_server_config: {headers: {X-Frame-Options: allow}}", "expected one of deny, sameorigin"],
    ['http_server_config: {headers: {X-XSS-Protection: "1\\r\\nSet-Cookie: a=b"}}', "on one line"],
    ["basic_auth_user: {}", "web.yml:1:1: field basic_auth_user not found in the web configuration"],
    ["rate_limit: {interval: 1s}", "field rate_limit not found"],
    ["basic_auth_users: [a]", "expected a mapping of names"],
    ["basic_auth_users: {a: b}\nbasic_auth_users: {}", "set twice"],
  ])("%s is a fault", (text, fault) => {
    expect(faultsOf(text).join("\n")).toContain(fault);
  });

  test("a password that nobody hashed is refused and not repeated", () => {
    const faults = faultsOf("basic_auth_users:\n  alice: opensesame\n");
    expect(faults).toEqual(["web.yml:2:10: expected a bcrypt hash such as $2y$10$ followed by 53 characters"]);
  });

  test.each([
    ["basic_auth_users: {}", "nobody is asked for a password"],
    ["basic_auth_users:", "nobody is asked for a password"],
    ["tls_server_config: {min_version: TLS12}", "plain HTTP is served"],
    ["http_server_config: {http2: true}", "HTTP/2 is not spoken here"],
    [`basic_auth_users: {a: $2b$31$${"a".repeat(53)}}`, "cost 31"],
  ])("%s is worth a warning", (text, warning) => {
    expect(parse(text).warnings.join("\n")).toContain(warning);
  });
});
