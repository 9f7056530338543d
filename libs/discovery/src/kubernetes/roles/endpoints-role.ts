import type { EndpointAddress, EndpointPort, Endpoints, TargetRef } from "../objects/endpoints.ts";
import type { Pod } from "../objects/pod.ts";
import { addNamespaceLabels, addNodeLabels } from "./attached-labels.ts";
import { addObjectMeta, joinHostPort, type LabelDraft, NAMESPACE_LABEL, setLabel } from "./meta-labels.ts";
import { SeenPods } from "./pod-labels.ts";
import type { BuildGroup, Surroundings } from "./surroundings.ts";

/** Kubernetes' own mark of an object that lists only the first thousand addresses. */
const OVER_CAPACITY = "endpoints.kubernetes.io/over-capacity";

/** One target an address and port, and further ports of the pods behind them. */
export const buildEndpointsGroup: BuildGroup<Endpoints> = (endpoints, surroundings) => {
  const { namespace, name } = endpoints;
  const labels: LabelDraft = { [NAMESPACE_LABEL]: namespace };
  addObjectMeta(labels, endpoints, "endpoints");
  const service = surroundings.find("service", namespace, name);
  if (service !== undefined) addObjectMeta(labels, service, "service");
  addNamespaceLabels(labels, namespace, surroundings);
  if (endpoints.annotations[OVER_CAPACITY] === "truncated") {
    surroundings.warn("endpoints list a thousand addresses only; use the role endpointslice", `${namespace}/${name}`);
  }
  const seen = new SeenPods(surroundings);
  const targets: LabelDraft[] = [];
  for (const { ports, ready, notReady } of endpoints.subsets) {
    for (const port of ports) {
      for (const address of ready) targets.push(targetOf(address, port, "true", seen, surroundings));
      for (const address of notReady) targets.push(targetOf(address, port, "false", seen, surroundings));
    }
  }
  return { source: `endpoints/${namespace}/${name}`, targets: [...targets, ...seen.remainingTargets()], labels };
};

function targetOf(
  address: EndpointAddress,
  port: EndpointPort,
  ready: string,
  seen: SeenPods,
  surroundings: Surroundings,
): LabelDraft {
  const target: LabelDraft = { __address__: joinHostPort(address.ip, port.number) };
  setLabel(target, "endpoint_port_name", port.name);
  setLabel(target, "endpoint_port_protocol", port.protocol);
  setLabel(target, "endpoint_ready", ready);
  setLabel(target, "endpoint_address_target_kind", address.target?.kind ?? "");
  setLabel(target, "endpoint_address_target_name", address.target?.name ?? "");
  setLabel(target, "endpoint_node_name", address.nodeName);
  setLabel(target, "endpoint_hostname", address.hostname);
  addNodeLabels(target, address.nodeName, surroundings);
  const pod = podBehind(address.target, surroundings);
  if (pod !== undefined) seen.describe(target, pod, port.number);
  return target;
}

/** The pod that an address leads to, where it does. */
export function podBehind(target: TargetRef | undefined, surroundings: Surroundings): Pod | undefined {
  return target?.kind === "Pod" ? surroundings.find("pod", target.namespace, target.name) : undefined;
}
