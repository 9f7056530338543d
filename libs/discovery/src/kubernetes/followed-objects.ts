import type { KubernetesDiscoveryConfig, KubernetesRole } from "@monotreme/prometheus-config";
import type { KubernetesDiscoveryOptions } from "./kubernetes-discovery.ts";
import { type KeptObjects, type KindName, pathOfKind, RESOURCE_KINDS } from "./objects/resource-kinds.ts";
import { Reflector } from "./reflector.ts";

type Stores = { readonly [K in KindName]: Map<string, KeptObjects[K]> };

export interface FollowedObjectsOptions extends KubernetesDiscoveryOptions {
  readonly onChanged: (kind: KindName, key: string) => void;
  /** Called whenever another kind is complete in another namespace. */
  readonly onSynced: () => void;
}

/** The kinds that a role's targets are made of, itself first. */
const KINDS_OF_ROLE: Readonly<Record<KubernetesRole, readonly KindName[]>> = {
  pod: ["pod"],
  service: ["service"],
  endpoints: ["endpoints", "service", "pod"],
  endpointslice: ["endpointslice", "service", "pod"],
  node: ["node"],
  ingress: ["ingress"],
};

/** Everything that a configuration needs to know of a cluster, kept up to date. */
export class FollowedObjects {
  readonly #config: KubernetesDiscoveryConfig;
  readonly #options: FollowedObjectsOptions;
  readonly #stores: Stores = {
    pod: new Map(),
    service: new Map(),
    endpoints: new Map(),
    endpointslice: new Map(),
    ingress: new Map(),
    node: new Map(),
    namespace: new Map(),
    replicaset: new Map(),
    job: new Map(),
  };
  readonly #reflectors: { start(): void; close(): Promise<void> }[] = [];
  /** How many kinds are not complete yet, by namespace; "" for those of the whole cluster. */
  readonly #unsynced = new Map<string, number>();

  constructor(config: KubernetesDiscoveryConfig, options: FollowedObjectsOptions) {
    this.#config = config;
    this.#options = options;
  }

  get<K extends KindName>(kind: K, key: string): KeptObjects[K] | undefined {
    return this.#stores[kind].get(key);
  }

  /** Whether everything that targets of a namespace are made of has been listed. */
  isComplete(namespace: string): boolean {
    if (this.#unsynced.get("") !== 0) return false;
    return (this.#unsynced.get(namespace) ?? 0) === 0;
  }

  /** Whether that holds for at least one of those that are followed. */
  get isAnyComplete(): boolean {
    return [...this.#unsynced.keys()].some((namespace) => this.isComplete(namespace) && this.#hasMain(namespace));
  }

  /** Begins to follow; [""] stands for all namespaces. */
  follow(namespaces: readonly string[]): void {
    this.#unsynced.set("", 0);
    for (const kind of kindsOf(this.#config)) {
      if (!RESOURCE_KINDS[kind].isNamespaced && kind !== "namespace") this.#add(kind, "");
      else for (const namespace of namespaces) this.#add(kind, namespace);
    }
    for (const reflector of this.#reflectors) reflector.start();
  }

  /** Objects of the role itself are either in named namespaces or all under "". */
  #hasMain(namespace: string): boolean {
    return namespace !== "" || this.#unsynced.size === 1;
  }

  async close(): Promise<void> {
    await Promise.all(this.#reflectors.map((reflector) => reflector.close()));
  }

  #add<K extends KindName>(kind: K, namespace: string): void {
    const { api, clock, logger, metrics, random, onChanged, onSynced } = this.#options;
    const { isMetadataOnly, read } = RESOURCE_KINDS[kind];
    const selector = this.#config.selectors.find(({ role }) => role === kind);
    // One namespace can be followed without the right to see the others.
    const only = kind === "namespace" && namespace !== "" ? `metadata.name=${namespace}` : "";
    this.#unsynced.set(namespace, (this.#unsynced.get(namespace) ?? 0) + 1);
    const reflector = new Reflector<KeptObjects[K]>({
      api,
      path: pathOfKind(RESOURCE_KINDS[kind], namespace),
      isMetadataOnly,
      labelSelector: selector?.label ?? "",
      fieldSelector: only || (selector?.field ?? ""),
      read,
      store: this.#stores[kind],
      owns: ownershipOf(kind, namespace),
      onEvent: (key, event, isSame) => {
        metrics.kubernetesEvents.inc({ role: kind, event });
        if (!isSame) onChanged(kind, key);
      },
      onSynced: () => {
        this.#unsynced.set(namespace, (this.#unsynced.get(namespace) ?? 0) - 1);
        onSynced();
      },
      onFailure: () => metrics.kubernetesFailures.inc(),
      clock,
      random,
      logger,
    });
    this.#reflectors.push(reflector);
  }
}

function kindsOf({ role, selectors, attachMetadata: attach }: KubernetesDiscoveryConfig): ReadonlySet<KindName> {
  const kinds = new Set<KindName>(KINDS_OF_ROLE[role]);
  const hasPods = kinds.has("pod");
  if (hasPods && (attach.node || selectors.some((selector) => selector.role === "node"))) kinds.add("node");
  if (role !== "node" && attach.namespace) kinds.add("namespace");
  if (hasPods && attach.deployment) kinds.add("replicaset");
  if (hasPods && attach.cronjob) kinds.add("job");
  return kinds;
}

function ownershipOf(kind: KindName, namespace: string): (key: string) => boolean {
  if (namespace === "") return () => true;
  if (kind === "namespace") return (key) => key === namespace;
  return (key) => key.startsWith(`${namespace}/`);
}
