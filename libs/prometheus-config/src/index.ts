export { ConfigFileError } from "./config-file-error.ts";
export { expandFilePattern } from "./file-pattern.ts";
export { loadPrometheusConfig } from "./load-prometheus-config.ts";
export { type ConfigText, type ParseConfigOptions, parsePrometheusConfig } from "./parse-prometheus-config.ts";
export type {
  AlertingConfig,
  AlertmanagerTargetConfig,
  AuthorizationConfig,
  BasicAuthConfig,
  DiscoveryConfig,
  GlobalConfig,
  HttpClientConfig,
  HttpHeaderConfig,
  OAuth2Config,
  PrometheusConfig,
  ProxyConfig,
  ScrapeConfig,
  StaticGroup,
  TlsConfig,
  TlsVersion,
} from "./prometheus-config.ts";
export { Secret, SECRET_MASK } from "./secret.ts";
export type { NameEscapingScheme, NameValidationScheme, ScrapeProtocol } from "./sections/format-fields.ts";
export { formatSizeBytes } from "./size.ts";
export { ConfigDocument, type ConfigDocumentOptions } from "./yaml/config-document.ts";
export type { ConfigNode } from "./yaml/config-node.ts";
export { duration, integer, scalar, text } from "./yaml/scalars.ts";
export {
  list,
  located,
  type Located,
  mapping,
  optional,
  record,
  type Schema,
  type ValueOf,
  withDefault,
} from "./yaml/schema.ts";
