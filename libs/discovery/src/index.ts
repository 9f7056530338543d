export { FileDiscovery, type FileDiscoveryOptions } from "./file-discovery.ts";
export { createStaticDiscovery, staticGroups } from "./static-discovery.ts";
export { TargetFiles, type TargetFilesOptions } from "./target-files.ts";
export type { Discoverer, TargetGroup } from "./target-group.ts";
