import {
  type Fields,
  list,
  mapping,
  optional,
  record,
  type Schema,
  shownDefault,
  type ValueOf,
  withDefault,
} from "../yaml/schema.ts";
import { duration, scalar, text } from "../yaml/scalars.ts";
import { dnsSdConfig } from "./dns-sd-section.ts";
import { httpSdConfig } from "./http-sd-section.ts";
import { kubernetesSdConfig } from "./kubernetes-sd-section.ts";
import { opaque, type OpaqueValue } from "./opaque.ts";

const staticConfig = mapping({
  name: "static_configs",
  fields: {
    targets: withDefault(list(text, "targets"), []),
    labels: withDefault(record(text, "label values", ""), {}),
  },
  check: (group, at) => {
    if ("" in group.labels) at("labels").fault("a label needs a name");
  },
});

const FILE_PATTERN = /^[^*]*(\*[^/]*)?\.(json|yml|yaml|JSON|YML|YAML)$/;

const filePattern: Schema<string> = scalar({
  expected: "a path that ends in .json, .yml or .yaml, with `*` in its last part only",
  parse: (value, node) => (FILE_PATTERN.test(value) ? resolvePattern(value, node.document.folder) : undefined),
});

function resolvePattern(pattern: string, folder: string): string {
  return pattern.startsWith("/") ? pattern : `${folder.replace(/\/+$/, "")}/${pattern}`;
}

const fileSdConfig = mapping({
  name: "file_sd_configs",
  fields: {
    files: withDefault(list(filePattern, "file patterns"), []),
    refresh_interval: shownDefault(duration, 300_000),
  },
  check: (config, at) => {
    if (config.files.length === 0) at().fault("file service discovery config must contain at least one path name");
    if (config.refresh_interval === 0) at("refresh_interval").fault("refresh_interval must be above 0");
  },
});

/** The kinds of service discovery that upstream knows and we carry along without acting on them yet. */
const CARRIED_KINDS = [
  "aws",
  "azure",
  "consul",
  "digitalocean",
  "docker",
  "dockerswarm",
  "ec2",
  "eureka",
  "gce",
  "hetzner",
  "ionos",
  "kuma",
  "lightsail",
  "linode",
  "marathon",
  "nerve",
  "nomad",
  "oci",
  "openstack",
  "outscale",
  "ovhcloud",
  "puppetdb",
  "scaleway",
  "serverset",
  "stackit",
  "triton",
  "uyuni",
  "vultr",
] as const;

type CarriedField = `${(typeof CARRIED_KINDS)[number]}_sd_configs`;

const carriedField = optional(list(opaque, "service discovery configs"));
const carriedFields = Object.fromEntries(CARRIED_KINDS.map((kind) => [`${kind}_sd_configs`, carriedField])) as Readonly<
  Record<CarriedField, typeof carriedField>
>;

/** The fields of every section that discovers targets. */
export const discoveryFields = {
  static_configs: withDefault(list(staticConfig, "static configs"), []),
  file_sd_configs: withDefault(list(fileSdConfig, "file discovery configs"), []),
  http_sd_configs: withDefault(list(httpSdConfig, "HTTP discovery configs"), []),
  dns_sd_configs: withDefault(list(dnsSdConfig, "DNS discovery configs"), []),
  kubernetes_sd_configs: withDefault(list(kubernetesSdConfig, "Kubernetes discovery configs"), []),
  ...carriedFields,
} satisfies Fields;

export type DiscoverySection = ValueOf<typeof discoveryFields>;

/** A section that discovers nothing. */
export const NO_DISCOVERY: DiscoverySection = {
  static_configs: [],
  file_sd_configs: [],
  http_sd_configs: [],
  dns_sd_configs: [],
  kubernetes_sd_configs: [],
  ...(Object.fromEntries(CARRIED_KINDS.map((kind) => [`${kind}_sd_configs`, undefined])) as Readonly<
    Record<CarriedField, undefined>
  >),
};

/** The kinds used in a section that we only carry along. */
export function carriedKinds(section: DiscoverySection): readonly string[] {
  return CARRIED_KINDS.filter((kind) => lengthOf(section[`${kind}_sd_configs`]) > 0);
}

function lengthOf(configs: readonly OpaqueValue[] | undefined): number {
  return configs?.length ?? 0;
}

/** The first static target that is a URL instead of a host and port. */
export function staticTargetWithPath(section: DiscoverySection): string | undefined {
  return section.static_configs.flatMap((group) => group.targets).find((target) => target.includes("/"));
}
