import type { Container, ContainerPort, Pod } from "../objects/pod.ts";
import { addObjectMeta, joinHostPort, type LabelDraft, setLabel } from "./meta-labels.ts";
import type { Surroundings } from "./surroundings.ts";

/** The labels of a pod itself. */
export function addPodLabels(labels: LabelDraft, pod: Pod, surroundings: Surroundings): void {
  addObjectMeta(labels, pod, "pod");
  setLabel(labels, "pod_ip", pod.ip);
  setLabel(labels, "pod_ready", pod.ready);
  setLabel(labels, "pod_phase", pod.phase);
  setLabel(labels, "pod_node_name", pod.nodeName);
  setLabel(labels, "pod_host_ip", pod.hostIp);
  setLabel(labels, "pod_uid", pod.uid);
  if (pod.controller === undefined) return;
  setLabel(labels, "pod_controller_kind", pod.controller.kind);
  setLabel(labels, "pod_controller_name", pod.controller.name);
  addOwnerLabels(labels, pod, pod.controller, surroundings);
}

/** The one behind the controller: a deployment's pods belong to a replica set, a cron job's to a job. */
function addOwnerLabels(
  labels: LabelDraft,
  pod: Pod,
  controller: NonNullable<Pod["controller"]>,
  surroundings: Surroundings,
): void {
  const { attach } = surroundings;
  if (controller.kind === "ReplicaSet" && attach.deployment) {
    const owner = surroundings.find("replicaset", pod.namespace, controller.name)?.controller;
    if (owner?.kind === "Deployment") setLabel(labels, "pod_deployment_name", owner.name);
  }
  if (controller.kind !== "Job") return;
  if (attach.job) setLabel(labels, "pod_job_name", controller.name);
  if (attach.cronjob) {
    const owner = surroundings.find("job", pod.namespace, controller.name)?.controller;
    if (owner?.kind === "CronJob") setLabel(labels, "pod_cronjob_name", owner.name);
  }
}

/** The labels of one port of a container. */
export function addContainerPort(labels: LabelDraft, container: Container, port: ContainerPort): void {
  setLabel(labels, "pod_container_name", container.name);
  setLabel(labels, "pod_container_image", container.image);
  setLabel(labels, "pod_container_port_name", port.name);
  setLabel(labels, "pod_container_port_number", String(port.number));
  setLabel(labels, "pod_container_port_protocol", port.protocol);
  setLabel(labels, "pod_container_init", String(container.isInit));
}

/** The ports of pods behind a service, of which some were found by the service already. */
export class SeenPods {
  readonly #surroundings: Surroundings;
  readonly #seen = new Map<string, { readonly pod: Pod; readonly ports: Set<number> }>();

  constructor(surroundings: Surroundings) {
    this.#surroundings = surroundings;
  }

  /** Adds to a target what is known of its pod, and of the container that has its port. */
  describe(target: LabelDraft, pod: Pod, port: number | undefined): void {
    const key = `${pod.namespace}/${pod.name}`;
    const seen = this.#seen.get(key) ?? { pod, ports: new Set<number>() };
    this.#seen.set(key, seen);
    addPodLabels(target, pod, this.#surroundings);
    if (port === undefined) return;
    seen.ports.add(port);
    for (const container of pod.containers) {
      const found = container.ports.find(({ number }) => number === port);
      if (found !== undefined) addContainerPort(target, container, found);
    }
  }

  /** Targets for the container ports that no service port led to, as upstream finds them. */
  remainingTargets(): LabelDraft[] {
    const targets: LabelDraft[] = [];
    for (const { pod, ports } of this.#seen.values()) {
      if (pod.ip === "") continue;
      for (const container of pod.containers) {
        for (const port of container.ports) {
          if (ports.has(port.number)) continue;
          const target: LabelDraft = { __address__: joinHostPort(pod.ip, port.number) };
          addContainerPort(target, container, port);
          addPodLabels(target, pod, this.#surroundings);
          targets.push(target);
        }
      }
    }
    return targets;
  }
}
