import { addLabelsAndAnnotations, addObjectMeta, type LabelDraft } from "./meta-labels.ts";
import type { Surroundings } from "./surroundings.ts";

/** `attach_metadata.namespace`. */
export function addNamespaceLabels(labels: LabelDraft, namespace: string, surroundings: Surroundings): void {
  if (!surroundings.attach.namespace) return;
  const found = surroundings.find("namespace", "", namespace);
  if (found !== undefined) addLabelsAndAnnotations(labels, found, "namespace");
}

/** `attach_metadata.node`. */
export function addNodeLabels(labels: LabelDraft, nodeName: string, surroundings: Surroundings): void {
  if (!surroundings.attach.node || nodeName === "") return;
  const node = surroundings.find("node", "", nodeName);
  if (node !== undefined) addObjectMeta(labels, node, "node");
}
