import type { EndpointSlice, SliceEndpoint, SlicePort } from "../objects/endpoint-slice.ts";
import { addNamespaceLabels, addNodeLabels } from "./attached-labels.ts";
import { podBehind } from "./endpoints-role.ts";
import {
  addObjectMeta,
  joinHostPort,
  type LabelDraft,
  META_PREFIX,
  NAMESPACE_LABEL,
  sanitizeLabelName,
  setLabel,
} from "./meta-labels.ts";
import { SeenPods } from "./pod-labels.ts";
import type { BuildGroup, Surroundings } from "./surroundings.ts";

const SERVICE_NAME = "kubernetes.io/service-name";

/** One target an address and port, and further ports of the pods behind them. */
export const buildEndpointSliceGroup: BuildGroup<EndpointSlice> = (slice, surroundings) => {
  const { namespace, name, addressType } = slice;
  const serviceName = slice.labels[SERVICE_NAME];
  const service = serviceName === undefined ? undefined : surroundings.find("service", namespace, serviceName);
  // A dual-stack service has slices of both families, which lead to the same pods.
  if (service !== undefined && service.primaryFamily !== "" && service.primaryFamily !== addressType) return undefined;
  const labels: LabelDraft = { [NAMESPACE_LABEL]: namespace };
  setLabel(labels, "endpointslice_address_type", addressType);
  addObjectMeta(labels, slice, "endpointslice");
  if (service !== undefined) addObjectMeta(labels, service, "service");
  addNamespaceLabels(labels, namespace, surroundings);
  const seen = new SeenPods(surroundings);
  const targets: LabelDraft[] = [];
  for (const endpoint of slice.endpoints) {
    for (const port of slice.ports) {
      for (const address of endpoint.addresses) {
        targets.push(targetOf(address, endpoint, port, seen, surroundings));
      }
    }
  }
  return { source: `endpointslice/${namespace}/${name}`, targets: [...targets, ...seen.remainingTargets()], labels };
};

function targetOf(
  address: string,
  endpoint: SliceEndpoint,
  port: SlicePort,
  seen: SeenPods,
  surroundings: Surroundings,
): LabelDraft {
  const target: LabelDraft = {
    __address__: port.number === undefined ? address : joinHostPort(address, port.number),
  };
  setLabel(target, "endpointslice_port_name", port.name);
  setLabel(target, "endpointslice_port_protocol", port.protocol);
  setLabel(target, "endpointslice_port", port.number === undefined ? "" : String(port.number));
  setLabel(target, "endpointslice_port_app_protocol", port.appProtocol);
  addEndpointLabels(target, endpoint);
  const isNode = endpoint.target?.kind === "Node";
  addNodeLabels(target, isNode ? (endpoint.target?.name ?? "") : endpoint.nodeName, surroundings);
  const pod = podBehind(endpoint.target, surroundings);
  if (pod !== undefined) seen.describe(target, pod, port.number);
  return target;
}

function addEndpointLabels(target: LabelDraft, endpoint: SliceEndpoint): void {
  setLabel(target, "endpointslice_endpoint_conditions_ready", endpoint.ready);
  setLabel(target, "endpointslice_endpoint_conditions_serving", endpoint.serving);
  setLabel(target, "endpointslice_endpoint_conditions_terminating", endpoint.terminating);
  setLabel(target, "endpointslice_endpoint_hostname", endpoint.hostname);
  setLabel(target, "endpointslice_endpoint_node_name", endpoint.nodeName);
  setLabel(target, "endpointslice_endpoint_zone", endpoint.zone);
  setLabel(target, "endpointslice_address_target_kind", endpoint.target?.kind ?? "");
  setLabel(target, "endpointslice_address_target_name", endpoint.target?.name ?? "");
  for (const [name, value] of Object.entries(endpoint.topology)) {
    const sanitized = sanitizeLabelName(name);
    setLabel(target, `endpointslice_endpoint_topology_${sanitized}`, value);
    target[`${META_PREFIX}endpointslice_endpoint_topology_present_${sanitized}`] = "true";
  }
}
