import { isDeepStrictEqual } from "node:util";
import type { KubernetesDiscoveryConfig, KubernetesRole } from "@monotreme/prometheus-config";
import type { Logger } from "@monotreme/telemetry";
import type { TargetGroup } from "../target-group.ts";
import { DependencyIndex } from "./dependency-index.ts";
import type { FollowedObjects } from "./followed-objects.ts";
import { objectKey } from "./objects/object-meta.ts";
import type { KeptObjects, KindName } from "./objects/resource-kinds.ts";
import { buildEndpointSliceGroup } from "./roles/endpoint-slice-role.ts";
import { buildEndpointsGroup } from "./roles/endpoints-role.ts";
import { buildIngressGroup } from "./roles/ingress-role.ts";
import { buildNodeGroup } from "./roles/node-role.ts";
import { buildPodGroup } from "./roles/pod-role.ts";
import { buildServiceGroup } from "./roles/service-role.ts";
import type { BuildGroup, Surroundings } from "./roles/surroundings.ts";

const BUILDERS: { readonly [K in KubernetesRole]: BuildGroup<KeptObjects[K]> } = {
  pod: buildPodGroup,
  service: buildServiceGroup,
  endpoints: buildEndpointsGroup,
  endpointslice: buildEndpointSliceGroup,
  ingress: buildIngressGroup,
  node: buildNodeGroup,
};

const MAX_WARNINGS = 1000;

/** The groups of a role's objects; only those whose objects changed, or what they are made of, are made anew. */
export class RoleGroups {
  readonly #config: KubernetesDiscoveryConfig;
  readonly #objects: FollowedObjects;
  readonly #logger: Logger;
  readonly #groups = new Map<string, TargetGroup>();
  readonly #dependencies = new DependencyIndex();
  readonly #changed = new Set<string>();
  readonly #warned = new Set<string>();
  #hasGiven = false;

  constructor(config: KubernetesDiscoveryConfig, objects: FollowedObjects, logger: Logger) {
    this.#config = config;
    this.#objects = objects;
    this.#logger = logger;
  }

  /** An object of the role itself or of another kind changed, came or went. */
  markChanged(kind: KindName, key: string): void {
    if (kind === this.#config.role) this.#changed.add(key);
    for (const dependent of this.#dependencies.dependentsOf(sourceOf(kind, key))) this.#changed.add(dependent);
  }

  /** All groups, or undefined where none changed since the last call. Equal groups are the same objects. */
  rebuild(): readonly TargetGroup[] | undefined {
    // That there are no targets is news as well, the first time.
    let isNew = !this.#hasGiven && this.#objects.isAnyComplete;
    for (const key of this.#changed) {
      const object = this.#objects.get(this.#config.role, key);
      if (!this.#objects.isComplete(object?.namespace ?? namespaceOf(key))) continue;
      this.#changed.delete(key);
      if (this.#rebuildOne(this.#config.role, key)) isNew = true;
    }
    if (!isNew) return undefined;
    this.#hasGiven = true;
    return [...this.#groups.values()];
  }

  #rebuildOne<K extends KubernetesRole>(role: K, key: string): boolean {
    this.#dependencies.clear(key);
    const object = this.#objects.get(role, key);
    const group = object && BUILDERS[role](object, this.#surroundingsOf(key));
    if (group === undefined || group.targets.length === 0) return this.#groups.delete(key);
    if (isDeepStrictEqual(group, this.#groups.get(key))) return false;
    this.#groups.set(key, group);
    return true;
  }

  #surroundingsOf(dependent: string): Surroundings {
    const { attachMetadata, selectors, role } = this.#config;
    return {
      attach: attachMetadata,
      needsNode: role === "pod" && selectors.some((selector) => selector.role === "node"),
      find: (kind, namespace, name) => {
        const key = objectKey(namespace, name);
        this.#dependencies.add(dependent, sourceOf(kind, key));
        return this.#objects.get(kind, key);
      },
      warn: (message, object) => this.#warnOnce(message, object),
    };
  }

  #warnOnce(message: string, object: string): void {
    const key = `${message} ${object}`;
    if (this.#warned.has(key) || this.#warned.size >= MAX_WARNINGS) return;
    this.#warned.add(key);
    this.#logger.warn({ object }, message);
  }
}

function sourceOf(kind: KindName, key: string): string {
  return `${kind}/${key}`;
}

/** The part of a key before the name; "" for objects of the whole cluster. */
function namespaceOf(key: string): string {
  return key.includes("/") ? key.slice(0, key.indexOf("/")) : "";
}
