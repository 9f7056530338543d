import { type EndpointSlice, readEndpointSlice } from "./endpoint-slice.ts";
import { type Endpoints, readEndpoints } from "./endpoints.ts";
import { type Ingress, readIngress } from "./ingress.ts";
import type { JsonObject } from "./json-value.ts";
import { type Node, readNode } from "./node.ts";
import { type ObjectMeta, readObjectMeta } from "./object-meta.ts";
import { type Pod, readPod } from "./pod.ts";
import { readService, type Service } from "./service.ts";

/** Everything that is followed, by kind, in the form in which it is kept. */
export interface KeptObjects {
  readonly pod: Pod;
  readonly service: Service;
  readonly endpoints: Endpoints;
  readonly endpointslice: EndpointSlice;
  readonly ingress: Ingress;
  readonly node: Node;
  readonly namespace: ObjectMeta;
  readonly replicaset: ObjectMeta;
  readonly job: ObjectMeta;
}

export type KindName = keyof KeptObjects;

/** How one kind is asked for and what is kept of it. */
export interface ResourceKind<T> {
  /** Group and version as they stand in paths. */
  readonly api: string;
  readonly plural: string;
  readonly isNamespaced: boolean;
  /** Whether the API server may leave out all but the metadata. */
  readonly isMetadataOnly: boolean;
  readonly read: (json: JsonObject) => T;
}

const core = { api: "api/v1", isNamespaced: true, isMetadataOnly: false } as const;
const cluster = { api: "api/v1", isNamespaced: false } as const;
const metadata = { isNamespaced: true, isMetadataOnly: true, read: readObjectMeta } as const;

export const RESOURCE_KINDS: { readonly [K in KindName]: ResourceKind<KeptObjects[K]> } = {
  pod: { ...core, plural: "pods", read: readPod },
  service: { ...core, plural: "services", read: readService },
  endpoints: { ...core, plural: "endpoints", read: readEndpoints },
  endpointslice: { ...core, api: "apis/discovery.k8s.io/v1", plural: "endpointslices", read: readEndpointSlice },
  ingress: { ...core, api: "apis/networking.k8s.io/v1", plural: "ingresses", read: readIngress },
  node: { ...cluster, plural: "nodes", isMetadataOnly: false, read: readNode },
  namespace: { ...cluster, plural: "namespaces", isMetadataOnly: true, read: readObjectMeta },
  replicaset: { ...metadata, api: "apis/apps/v1", plural: "replicasets" },
  job: { ...metadata, api: "apis/batch/v1", plural: "jobs" },
};

/** The path of all objects of a kind, or of those in one namespace ("": all). */
export function pathOfKind(
  kind: Pick<ResourceKind<unknown>, "api" | "plural" | "isNamespaced">,
  namespace: string,
): string {
  const within = kind.isNamespaced && namespace !== "" ? `namespaces/${encodeURIComponent(namespace)}/` : "";
  return `/${kind.api}/${within}${kind.plural}`;
}
