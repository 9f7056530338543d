import type { Service } from "../objects/service.ts";
import { addNamespaceLabels } from "./attached-labels.ts";
import { addObjectMeta, type LabelDraft, NAMESPACE_LABEL, setLabel } from "./meta-labels.ts";
import type { BuildGroup } from "./surroundings.ts";

/** One target a port, by the service's name in the cluster. */
export const buildServiceGroup: BuildGroup<Service> = (service, surroundings) => {
  const labels: LabelDraft = { [NAMESPACE_LABEL]: service.namespace };
  addObjectMeta(labels, service, "service");
  addNamespaceLabels(labels, service.namespace, surroundings);
  const targets = service.ports.map((port) => {
    const target: LabelDraft = { __address__: `${service.name}.${service.namespace}.svc:${port.number}` };
    setLabel(target, "service_port_name", port.name);
    setLabel(target, "service_port_number", String(port.number));
    setLabel(target, "service_port_protocol", port.protocol);
    setLabel(target, "service_type", service.type);
    if (service.type === "ExternalName") setLabel(target, "service_external_name", service.externalName);
    else setLabel(target, "service_cluster_ip", service.clusterIp);
    if (service.type === "LoadBalancer") setLabel(target, "service_loadbalancer_ip", service.loadBalancerIp);
    return target;
  });
  return { source: `svc/${service.namespace}/${service.name}`, targets, labels };
};
