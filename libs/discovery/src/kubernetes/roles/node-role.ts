import type { Node } from "../objects/node.ts";
import { addObjectMeta, joinHostPort, type LabelDraft, sanitizeLabelName, setLabel } from "./meta-labels.ts";
import type { BuildGroup } from "./surroundings.ts";

/** The first of these that a node has is where its kubelet is asked. */
const ADDRESS_ORDER = ["InternalIP", "InternalDNS", "ExternalIP", "ExternalDNS", "LegacyHostIP", "Hostname"] as const;

/** One target a node: its kubelet. */
export const buildNodeGroup: BuildGroup<Node> = (node, surroundings) => {
  const addressOf = new Map<string, string>();
  for (const { type, address } of node.addresses) if (!addressOf.has(type)) addressOf.set(type, address);
  const best = ADDRESS_ORDER.find((type) => addressOf.has(type));
  if (best === undefined) {
    surroundings.warn("node without an address", node.name);
    return undefined;
  }
  const labels: LabelDraft = {};
  addObjectMeta(labels, node, "node");
  setLabel(labels, "node_provider_id", node.providerId);
  const target: LabelDraft = {
    __address__: joinHostPort(addressOf.get(best) ?? "", node.kubeletPort),
    instance: node.name,
  };
  for (const [type, address] of addressOf) setLabel(target, `node_address_${sanitizeLabelName(type)}`, address);
  return { source: `node/${node.name}`, targets: [target], labels };
};
