import { list, mapping, type NodeAt, optional, type Schema, withDefault } from "../yaml/schema.ts";
import { boolean, filePath, text, url } from "../yaml/scalars.ts";
import { checkHttpClient, httpClientFields, isDefaultHttpClient } from "./http-client-section.ts";
import { fieldSelectorFault, labelSelectorFault } from "./kubernetes-selector.ts";

/** What targets are made of. */
export const KUBERNETES_ROLES = ["pod", "service", "endpoints", "endpointslice", "node", "ingress"] as const;
export type KubernetesRole = (typeof KUBERNETES_ROLES)[number];

/** Which kinds of objects each role looks at, and so lets be selected. */
const SELECTABLE: Readonly<Record<KubernetesRole, readonly KubernetesRole[]>> = {
  pod: ["pod", "node"],
  service: ["service"],
  endpoints: ["pod", "service", "endpoints"],
  endpointslice: ["pod", "service", "endpointslice"],
  node: ["node"],
  ingress: ["ingress"],
};

const role: Schema<KubernetesRole> = {
  decode: (node) => {
    const found = KUBERNETES_ROLES.find((each) => each === node.text);
    if (found === undefined) node.fault(`unknown Kubernetes SD role ${node.description}`);
    return found;
  },
  render: (value) => value,
};

const selector = mapping({
  name: "selectors",
  fields: { role: optional(role), label: withDefault(text, ""), field: withDefault(text, "") },
  check: (value, at) => {
    const labelFault = labelSelectorFault(value.label);
    if (labelFault !== undefined) at("label").fault(labelFault);
    const fieldFault = fieldSelectorFault(value.field);
    if (fieldFault !== undefined) at("field").fault(fieldFault);
  },
});

const namespaces = mapping({
  name: "namespaces",
  fields: { own_namespace: withDefault(boolean, false), names: withDefault(list(text, "namespaces"), []) },
});

const attachMetadata = mapping({
  name: "attach_metadata",
  fields: {
    node: withDefault(boolean, false),
    namespace: withDefault(boolean, false),
    deployment: withDefault(boolean, false),
    job: withDefault(boolean, false),
    cronjob: withDefault(boolean, false),
  },
});

const fields = {
  api_server: optional(url),
  role: optional(role),
  kubeconfig_file: optional(filePath),
  ...httpClientFields,
  namespaces: optional(namespaces),
  selectors: withDefault(list(selector, "selectors"), []),
  attach_metadata: optional(attachMetadata),
};

/** One entry of `kubernetes_sd_configs`. */
export const kubernetesSdConfig = mapping({
  name: "kubernetes_sd_configs",
  fields,
  check: (config, at) => {
    checkHttpClient(config, at);
    if (config.role === undefined) at().fault(`role missing (one of: ${KUBERNETES_ROLES.join(", ")})`);
    checkConnection(config, at);
    if (config.role !== undefined) checkSelectors(config.role, config.selectors, at);
  },
});

type KubernetesSdSection = Parameters<typeof kubernetesSdConfig.render>[0];

function checkConnection(config: KubernetesSdSection, at: NodeAt<typeof fields>): void {
  const hasServer = config.api_server !== undefined;
  const hasFile = config.kubeconfig_file !== undefined;
  const ownsNamespace = config.namespaces?.own_namespace === true;
  if (hasServer && hasFile) {
    at("kubeconfig_file").fault("cannot use 'kubeconfig_file' and 'api_server' simultaneously");
  } else if (hasFile && !isDefaultHttpClient(config)) {
    at().fault("cannot use a custom HTTP client configuration together with 'kubeconfig_file'");
  } else if (!hasServer && !isDefaultHttpClient(config)) {
    at().fault("to use custom HTTP client configuration please provide the 'api_server' URL explicitly");
  }
  if (hasServer && ownsNamespace) {
    at("namespaces").fault("cannot use 'api_server' and 'namespaces.own_namespace' simultaneously");
  }
  if (hasFile && ownsNamespace) {
    at("namespaces").fault("cannot use 'kubeconfig_file' and 'namespaces.own_namespace' simultaneously");
  }
}

function checkSelectors(
  of: KubernetesRole,
  selectors: KubernetesSdSection["selectors"],
  at: NodeAt<typeof fields>,
): void {
  const found = new Set<KubernetesRole>();
  for (const each of selectors) {
    if (each.role === undefined || !SELECTABLE[of].includes(each.role)) {
      at("selectors").fault(`${of} role supports only ${SELECTABLE[of].join(", ")} selectors`);
    } else if (found.has(each.role)) at("selectors").fault(`duplicated selector role: ${each.role}`);
    else found.add(each.role);
  }
}
