export { ConfigFileError } from "./config-file-error.ts";
export { expandFilePattern } from "./file-pattern.ts";
export { loadPrometheusConfig } from "./load-prometheus-config.ts";
export { type ConfigText, type ParseConfigOptions, parsePrometheusConfig } from "./parse-prometheus-config.ts";
export type {
  AuthorizationConfig,
  BasicAuthConfig,
  DiscoveryConfig,
  GlobalConfig,
  HttpClientConfig,
  HttpHeaderConfig,
  PrometheusConfig,
  ScrapeConfig,
  StaticGroup,
  TlsConfig,
  TlsVersion,
} from "./prometheus-config.ts";
export { Secret, SECRET_MASK } from "./secret.ts";
export type { NameEscapingScheme, NameValidationScheme, ScrapeProtocol } from "./sections/format-fields.ts";
export { formatSizeBytes } from "./size.ts";
