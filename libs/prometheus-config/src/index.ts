export { ConfigFileError } from "./config-file-error.ts";
export { deepFreeze } from "./deep-freeze.ts";
export { expandFilePattern, isMissing } from "./file-pattern.ts";
export { httpClientFromSection, tlsFromSection } from "./http-client-config.ts";
export type { TenantIngestLimits, TenantQueryLimits } from "./limits/limits-file.ts";
export { TenantLimits } from "./limits/tenant-limits.ts";
export { loadPrometheusConfig } from "./load-prometheus-config.ts";
export { type ConfigText, type ParseConfigOptions, parsePrometheusConfig } from "./parse-prometheus-config.ts";
export type {
  AlertingConfig,
  AlertmanagerTargetConfig,
  AuthorizationConfig,
  BasicAuthConfig,
  DiscoveryConfig,
  DnsDiscoveryConfig,
  FileDiscoveryConfig,
  GlobalConfig,
  HttpClientConfig,
  HttpDiscoveryConfig,
  HttpHeaderConfig,
  KubernetesAttachMetadata,
  KubernetesDiscoveryConfig,
  KubernetesSelector,
  OAuth2Config,
  PrometheusConfig,
  ProxyConfig,
  ScrapeConfig,
  StaticGroup,
  TlsConfig,
  TlsVersion,
} from "./prometheus-config.ts";
export { Secret, SECRET_MASK } from "./secret.ts";
export type { DnsRecordType } from "./sections/dns-sd-section.ts";
export type { NameEscapingScheme, NameValidationScheme, ScrapeProtocol } from "./sections/format-fields.ts";
export {
  checkHttpClient,
  httpClientFields,
  type HttpClientSection,
  tlsConfigWith,
  type TlsSection,
} from "./sections/http-client-section.ts";
export { labelSelectorFault } from "./sections/kubernetes-selector.ts";
export { KUBERNETES_ROLES, type KubernetesRole } from "./sections/kubernetes-sd-section.ts";
export { formatSizeBytes } from "./size.ts";
export { ConfigDocument, type ConfigDocumentOptions, type PlainData } from "./yaml/config-document.ts";
export type { ConfigNode } from "./yaml/config-node.ts";
export { type ParsedYaml, parseYaml, type ParseYamlOptions } from "./yaml/parse-yaml.ts";
export {
  boolean,
  count,
  duration,
  filePath,
  integer,
  maskUrlPassword,
  oneOf,
  scalar,
  secret,
  size,
  text,
} from "./yaml/scalars.ts";
export {
  type Field,
  type Fields,
  list,
  located,
  type Located,
  mapping,
  type MappingOptions,
  type NodeAt,
  optional,
  record,
  type RenderMode,
  required,
  type Schema,
  shownDefault,
  type ValueOf,
  withDefault,
} from "./yaml/schema.ts";
