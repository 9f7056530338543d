export { type ComparePassword, PasswordChecker, type PasswordCheckerOptions } from "./password-checker.ts";
export { PasswordThread } from "./password-thread.ts";
export { parseWebConfig } from "./parse-web-config.ts";
export type { ClientAuthType, PemSource, TlsSettings, WebConfig } from "./web-config.ts";
export { openWebSecurity, WebSecurity, type WebSecurityOptions } from "./web-security.ts";
export { type LoadedWebConfig, loadWebConfig } from "./load-web-config.ts";
export type { TlsVersionName } from "./go-tls-names.ts";
