export { createDiscoverer, type DiscoveryContext } from "./create-discoverer.ts";
export { type DiscoveryMetrics, discoveryMetrics, type KubernetesEvent } from "./discovery-metrics.ts";
export type { SystemResolverOptions } from "./dns/system-resolver.ts";
export { FileDiscovery, type FileDiscoveryOptions } from "./file-discovery.ts";
export { createStaticDiscovery, staticGroups } from "./static-discovery.ts";
export { parseTargetFile } from "./target-file.ts";
export { TargetFiles, type TargetFilesOptions } from "./target-files.ts";
export type { Discoverer, TargetGroup } from "./target-group.ts";
export type { KubernetesApi } from "./kubernetes/api/kubernetes-api.ts";
export {
  type ApiLocation,
  type ApiSurroundings,
  checkKubernetesApi,
  createKubernetesApi,
  FollowedResource,
  type FollowedResourceOptions,
  type FollowedState,
} from "./kubernetes/followed-resource.ts";
export { type JsonObject, objectOf, textOf } from "./kubernetes/objects/json-value.ts";
export type { ObjectName } from "./kubernetes/objects/object-meta.ts";
