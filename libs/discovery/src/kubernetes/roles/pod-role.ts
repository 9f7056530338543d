import type { Container, Pod } from "../objects/pod.ts";
import { addNamespaceLabels, addNodeLabels } from "./attached-labels.ts";
import { joinHostPort, type LabelDraft, NAMESPACE_LABEL, setLabel } from "./meta-labels.ts";
import { addContainerPort, addPodLabels } from "./pod-labels.ts";
import type { BuildGroup } from "./surroundings.ts";

/** One target a container port; a container without ports gives one whose address is the pod's alone. */
export const buildPodGroup: BuildGroup<Pod> = (pod, surroundings) => {
  if (pod.ip === "") return undefined;
  if (surroundings.needsNode && surroundings.find("node", "", pod.nodeName) === undefined) return undefined;
  const labels: LabelDraft = { [NAMESPACE_LABEL]: pod.namespace };
  addPodLabels(labels, pod, surroundings);
  addNodeLabels(labels, pod.nodeName, surroundings);
  addNamespaceLabels(labels, pod.namespace, surroundings);
  const targets = pod.containers.flatMap((container) => targetsOf(pod.ip, container));
  return { source: `pod/${pod.namespace}/${pod.name}`, targets, labels };
};

function targetsOf(ip: string, container: Container): LabelDraft[] {
  if (container.ports.length === 0) {
    const target: LabelDraft = { __address__: ip };
    setLabel(target, "pod_container_name", container.name);
    setLabel(target, "pod_container_id", container.id);
    setLabel(target, "pod_container_image", container.image);
    setLabel(target, "pod_container_init", String(container.isInit));
    return [target];
  }
  return container.ports.map((port) => {
    const target: LabelDraft = { __address__: joinHostPort(ip, port.number) };
    addContainerPort(target, container, port);
    setLabel(target, "pod_container_id", container.id);
    return target;
  });
}
