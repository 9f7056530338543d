import type { RelabelConfig } from "@monotreme/relabel";
import type { DnsRecordType } from "./sections/dns-sd-section.ts";
import type { NameEscapingScheme, NameValidationScheme, ScrapeProtocol } from "./sections/format-fields.ts";
import type { KubernetesRole } from "./sections/kubernetes-sd-section.ts";
import type { Secret } from "./secret.ts";

/** A whole `prometheus.yml` with every default and inheritance applied. Frozen. */
export interface PrometheusConfig {
  readonly global: GlobalConfig;
  readonly scrapeConfigs: readonly ScrapeConfig[];
  /** Absolute patterns of rule files. */
  readonly ruleFiles: readonly string[];
  readonly alerting: AlertingConfig;
  /** What the file asks for and nobody acts on yet, each as `file:line:column: what`. */
  readonly warnings: readonly string[];
  /** The configuration as YAML with defaults applied and secrets masked, as `/api/v1/status/config` gives it. */
  renderConfig(): string;
}

export interface GlobalConfig {
  readonly scrapeIntervalMs: number;
  readonly scrapeTimeoutMs: number;
  readonly evaluationIntervalMs: number;
  readonly ruleQueryOffsetMs: number;
  /** Environment variables expanded. */
  readonly externalLabels: Readonly<Record<string, string>>;
  readonly queryLogFile: string | undefined;
}

/** One job: how to find its targets, scrape them and treat what they say. Limits: 0 means none. */
export interface ScrapeConfig {
  readonly jobName: string;
  /** Equal for two configs exactly when nothing but their discovery differs, secrets included; a hash that reveals none. */
  readonly fingerprint: string;
  readonly honorLabels: boolean;
  readonly honorTimestamps: boolean;
  readonly trackTimestampsStaleness: boolean;
  readonly params: Readonly<Record<string, readonly string[]>>;
  readonly scrapeIntervalMs: number;
  readonly scrapeTimeoutMs: number;
  readonly scrapeProtocols: readonly ScrapeProtocol[];
  readonly fallbackScrapeProtocol: ScrapeProtocol | undefined;
  readonly metricsPath: string;
  readonly scheme: "http" | "https";
  readonly enableCompression: boolean;
  readonly scrapeNativeHistograms: boolean;
  readonly alwaysScrapeClassicHistograms: boolean;
  readonly convertClassicHistogramsToNhcb: boolean;
  /** 0: any number. */
  readonly nativeHistogramBucketLimit: number;
  /** The least growth from bucket to bucket; 0: any. */
  readonly nativeHistogramMinBucketFactor: number;
  readonly extraScrapeMetrics: boolean;
  readonly scrapeFailureLogFile: string | undefined;
  readonly bodySizeLimitBytes: number;
  readonly sampleLimit: number;
  readonly targetLimit: number;
  readonly labelLimit: number;
  readonly labelNameLengthLimit: number;
  readonly labelValueLengthLimit: number;
  readonly keepDroppedTargets: number;
  readonly metricNameValidationScheme: NameValidationScheme;
  readonly metricNameEscapingScheme: NameEscapingScheme;
  readonly http: HttpClientConfig;
  readonly discovery: readonly DiscoveryConfig[];
  readonly relabelConfigs: readonly RelabelConfig[];
  readonly metricRelabelConfigs: readonly RelabelConfig[];
  /** The job as YAML, with what it inherited and the defaults, secrets masked. */
  renderConfig(): string;
}

/** Where alerts go, and how they are rewritten before. */
export interface AlertingConfig {
  readonly alertRelabelConfigs: readonly RelabelConfig[];
  readonly alertmanagers: readonly AlertmanagerTargetConfig[];
}

/** A set of Alertmanagers that share their settings. */
export interface AlertmanagerTargetConfig {
  /** Equal for two configs exactly when nothing but their discovery differs, secrets included. */
  readonly fingerprint: string;
  readonly scheme: "http" | "https";
  readonly pathPrefix: string;
  readonly timeoutMs: number;
  readonly http: HttpClientConfig;
  readonly discovery: readonly DiscoveryConfig[];
  /** Of the addresses. */
  readonly relabelConfigs: readonly RelabelConfig[];
  /** Of the alerts. */
  readonly alertRelabelConfigs: readonly RelabelConfig[];
}

/** How an HTTP client authenticates and connects. Files are absolute and read at each use, not here. */
export interface HttpClientConfig {
  readonly basicAuth: BasicAuthConfig | undefined;
  readonly authorization: AuthorizationConfig | undefined;
  readonly oauth2?: OAuth2Config | undefined;
  readonly tls: TlsConfig | undefined;
  /** Absent: connections are direct. */
  readonly proxy?: ProxyConfig | undefined;
  readonly followRedirects: boolean;
  readonly headers: Readonly<Record<string, HttpHeaderConfig>>;
}

export interface BasicAuthConfig {
  readonly username: string | undefined;
  readonly usernameFile: string | undefined;
  readonly password: Secret | undefined;
  readonly passwordFile: string | undefined;
}

/** The `Authorization` header: type, a space, the credentials. */
export interface AuthorizationConfig {
  readonly type: string;
  readonly credentials: Secret | undefined;
  readonly credentialsFile: string | undefined;
}

/** A token by the client credentials grant of OAuth 2. */
export interface OAuth2Config {
  readonly clientId: string;
  readonly clientSecret: Secret | undefined;
  readonly clientSecretFile: string | undefined;
  readonly scopes: readonly string[];
  readonly tokenUrl: string;
  readonly endpointParams: Readonly<Record<string, string>>;
  readonly tls: TlsConfig | undefined;
  readonly proxy: ProxyConfig | undefined;
}

/** Which proxy requests take: a fixed one, or what `HTTP_PROXY`, `HTTPS_PROXY` and `NO_PROXY` say. */
export interface ProxyConfig {
  /** May hold a user and a password. */
  readonly url: string | undefined;
  /** Hosts, domains, addresses and networks that are reached directly, separated by commas. */
  readonly noProxy: string;
  readonly isFromEnvironment: boolean;
  /** Headers of `CONNECT` requests. */
  readonly connectHeaders: Readonly<Record<string, readonly Secret[]>>;
}

export type TlsVersion = "TLS10" | "TLS11" | "TLS12" | "TLS13";

export interface TlsConfig {
  readonly ca: string | undefined;
  readonly caFile: string | undefined;
  readonly cert: string | undefined;
  readonly certFile: string | undefined;
  readonly key: Secret | undefined;
  readonly keyFile: string | undefined;
  readonly serverName: string | undefined;
  readonly insecureSkipVerify: boolean;
  readonly minVersion: TlsVersion | undefined;
  readonly maxVersion: TlsVersion | undefined;
}

export interface HttpHeaderConfig {
  readonly values: readonly string[];
  readonly secrets: readonly Secret[];
  readonly files: readonly string[];
}

/** One way to find targets. `unsupported` is known to upstream and not acted on here; the config warns of it. */
export type DiscoveryConfig =
  | { readonly kind: "static"; readonly groups: readonly StaticGroup[] }
  | FileDiscoveryConfig
  | HttpDiscoveryConfig
  | DnsDiscoveryConfig
  | KubernetesDiscoveryConfig
  | { readonly kind: "unsupported"; readonly mechanism: string };

export interface FileDiscoveryConfig {
  readonly kind: "file";
  readonly patterns: readonly string[];
  readonly refreshIntervalMs: number;
}

/** A list of targets that a server gives as JSON. */
export interface HttpDiscoveryConfig {
  readonly kind: "http";
  /** Equal for two configs exactly when they are the same, secrets included; a hash that reveals none. */
  readonly fingerprint: string;
  /** May hold a user and a password. */
  readonly url: string;
  readonly refreshIntervalMs: number;
  readonly http: HttpClientConfig;
}

export interface DnsDiscoveryConfig {
  readonly kind: "dns";
  readonly names: readonly string[];
  readonly type: DnsRecordType;
  /** Of all targets but those of SRV records, which say their own. */
  readonly port: number;
  readonly refreshIntervalMs: number;
}

/** Objects of a Kubernetes cluster, followed by watches. */
export interface KubernetesDiscoveryConfig {
  readonly kind: "kubernetes";
  /** Equal for two configs exactly when they are the same, secrets included; a hash that reveals none. */
  readonly fingerprint: string;
  readonly role: KubernetesRole;
  /** Neither this nor `kubeconfigFile`: the service account of the pod. */
  readonly apiServer: string | undefined;
  readonly kubeconfigFile: string | undefined;
  readonly http: HttpClientConfig;
  /** Empty: all namespaces, or with `ownNamespace` only the pod's own. */
  readonly namespaces: readonly string[];
  readonly ownNamespace: boolean;
  readonly selectors: readonly KubernetesSelector[];
  readonly attachMetadata: KubernetesAttachMetadata;
}

/** What the API server is asked for of one kind of objects; "" is everything. */
export interface KubernetesSelector {
  readonly role: KubernetesRole;
  readonly label: string;
  readonly field: string;
}

/** Which further objects give labels to targets. */
export interface KubernetesAttachMetadata {
  readonly node: boolean;
  readonly namespace: boolean;
  readonly deployment: boolean;
  readonly job: boolean;
  readonly cronjob: boolean;
}

export interface StaticGroup {
  readonly targets: readonly string[];
  readonly labels: Readonly<Record<string, string>>;
}
