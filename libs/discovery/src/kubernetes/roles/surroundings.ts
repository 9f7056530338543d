import type { KubernetesAttachMetadata } from "@monotreme/prometheus-config";
import type { TargetGroup } from "../../target-group.ts";
import type { KeptObjects, KindName } from "../objects/resource-kinds.ts";

/** What an object's targets may depend on beside itself. */
export interface Surroundings {
  readonly attach: KubernetesAttachMetadata;
  /** Whether pods on nodes that are not known are left out, because nodes are selected. */
  readonly needsNode: boolean;
  /** Another object; undefined where it is not there or not followed. Asked once, its changes bring the targets anew. */
  find<K extends KindName>(kind: K, namespace: string, name: string): KeptObjects[K] | undefined;
  /** Tells the user something about an object, once. */
  warn(message: string, object: string): void;
}

/** The targets of one object; undefined where it has none. */
export type BuildGroup<T> = (object: T, surroundings: Surroundings) => TargetGroup | undefined;
