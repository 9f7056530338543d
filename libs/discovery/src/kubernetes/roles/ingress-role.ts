import type { Ingress } from "../objects/ingress.ts";
import { addNamespaceLabels } from "./attached-labels.ts";
import { addObjectMeta, type LabelDraft, NAMESPACE_LABEL, setLabel } from "./meta-labels.ts";
import type { BuildGroup } from "./surroundings.ts";

/** One target a host and path. */
export const buildIngressGroup: BuildGroup<Ingress> = (ingress, surroundings) => {
  const labels: LabelDraft = { [NAMESPACE_LABEL]: ingress.namespace };
  addObjectMeta(labels, ingress, "ingress");
  setLabel(labels, "ingress_class_name", ingress.className);
  addNamespaceLabels(labels, ingress.namespace, surroundings);
  const targets = ingress.rules.flatMap(({ host, paths }) => {
    const isTls = ingress.tlsHosts.some((pattern) => matchesHost(pattern, host));
    return paths.map((path) => {
      const target: LabelDraft = { __address__: host };
      setLabel(target, "ingress_scheme", isTls ? "https" : "http");
      setLabel(target, "ingress_host", host);
      setLabel(target, "ingress_path", path);
      return target;
    });
  });
  return { source: `ingress/${ingress.namespace}/${ingress.name}`, targets, labels };
};

/** A `*` stands for exactly the first part of a host name. */
function matchesHost(pattern: string, host: string): boolean {
  if (pattern === host) return true;
  return pattern.startsWith("*.") && host.includes(".") && host.slice(host.indexOf(".")) === pattern.slice(1);
}
