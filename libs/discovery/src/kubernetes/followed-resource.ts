import type { Clock } from "@monotreme/clock";
import type { Logger } from "@monotreme/telemetry";
import { checkConnection, type PodSurroundings, SERVICE_ACCOUNT_FOLDER } from "./api/connection.ts";
import { HttpKubernetesApi } from "./api/http-kubernetes-api.ts";
import type { KubernetesApi } from "./api/kubernetes-api.ts";
import { isUnknownResource } from "./api/kubernetes-api-error.ts";
import type { JsonObject } from "./objects/json-value.ts";
import type { ObjectName } from "./objects/object-meta.ts";
import { pathOfKind } from "./objects/resource-kinds.ts";
import { Reflector } from "./reflector.ts";

/** How it stands with the objects of one namespace, or of all. */
export type FollowedState = "starting" | "followed" | "unknown-kind" | "failing";

/** Who an API server is asked by. */
export interface ApiSurroundings extends Omit<PodSurroundings, "serviceAccountFolder"> {
  /** Where a pod's credentials are; Kubernetes' own place by default. */
  readonly serviceAccountFolder?: string;
}

export interface FollowedResourceOptions<T extends ObjectName> {
  readonly api: KubernetesApi;
  /** Group and version as they stand in paths: `apis/monitoring.coreos.com/v1`. */
  readonly version: string;
  readonly plural: string;
  /** Empty for all. */
  readonly namespaces: readonly string[];
  readonly labelSelector: string;
  /** Takes what is kept of an object, as the server sent it; must not throw. */
  readonly read: (json: JsonObject) => T;
  /** Called after objects have come, changed or gone. */
  readonly onChange: () => void;
  /** Called after one of `states` has changed. */
  readonly onState: () => void;
  /** Called with every failed list or watch, but not where the kind is unknown. */
  readonly onFailure: () => void;
  readonly clock: Clock;
  /** From 0 up to 1; spreads the requests of many processes. */
  readonly random: () => number;
  readonly logger: Logger;
}

/**
 * All objects of one kind that an API server has, by `namespace/name`, listed and watched. Those of a namespace appear
 * together when their first list is whole. Whatever fails later, they stay until the server says otherwise; a kind that
 * is not defined yet is waited for.
 */
export class FollowedResource<T extends ObjectName> {
  readonly #api: KubernetesApi;
  readonly #objects = new Map<string, T>();
  readonly #states = new Map<string, FollowedState>();
  readonly #reflectors: readonly Reflector<T>[];

  constructor(options: FollowedResourceOptions<T>) {
    this.#api = options.api;
    const namespaces = options.namespaces.length === 0 ? [""] : [...new Set(options.namespaces)];
    this.#reflectors = namespaces.map((namespace) => this.#reflect(namespace, options));
  }

  get objects(): ReadonlyMap<string, T> {
    return this.#objects;
  }

  /** Of each namespace that is followed; one entry for all. */
  get states(): readonly FollowedState[] {
    return [...this.#states.values()];
  }

  start(): void {
    for (const reflector of this.#reflectors) reflector.start();
  }

  async close(): Promise<void> {
    await Promise.all(this.#reflectors.map(async (reflector) => reflector.close()));
    this.#api.close();
  }

  #reflect(namespace: string, options: FollowedResourceOptions<T>): Reflector<T> {
    const { api, version, plural, labelSelector, read, onChange, onState, onFailure, clock, random, logger } = options;
    this.#states.set(namespace, "starting");
    const enter = (state: FollowedState): void => {
      if (this.#states.get(namespace) === state) return;
      this.#states.set(namespace, state);
      onState();
    };
    return new Reflector<T>({
      api,
      path: pathOfKind({ api: version, plural, isNamespaced: true }, namespace),
      isMetadataOnly: false,
      labelSelector,
      fieldSelector: "",
      read,
      store: this.#objects,
      owns: (key) => namespace === "" || key.startsWith(`${namespace}/`),
      onEvent: (_key, _event, isSame) => {
        if (!isSame) onChange();
      },
      onSynced: onChange,
      onAnswer: () => enter("followed"),
      onFailure: (error) => {
        const isUnknown = isUnknownResource(error);
        enter(isUnknown ? "unknown-kind" : "failing");
        if (!isUnknown) onFailure();
      },
      clock,
      random,
      logger,
    });
  }
}

/** How to reach the API server: by a kubeconfig, or where none is given as the pod that the process runs in. */
export interface ApiLocation {
  readonly kubeconfigFile: string | undefined;
}

/** Rejects with `KUBECONFIG_INVALID` or `KUBERNETES_API_FAILED` where there is nothing to reach an API server by. */
export async function checkKubernetesApi(location: ApiLocation, surroundings: ApiSurroundings): Promise<void> {
  await checkConnection(location, { serviceAccountFolder: SERVICE_ACCOUNT_FOLDER, ...surroundings });
}

/** An API server that is asked over HTTP; nothing is opened before the first request. */
export function createKubernetesApi(
  location: ApiLocation,
  options: ApiSurroundings & { readonly userAgent: string; readonly logger: Logger },
): KubernetesApi {
  return new HttpKubernetesApi(location, {
    serviceAccountFolder: SERVICE_ACCOUNT_FOLDER,
    ...options,
    onWarning: (text) => options.logger.warn({ warning: text }, "kubernetes API server warns"),
  });
}
