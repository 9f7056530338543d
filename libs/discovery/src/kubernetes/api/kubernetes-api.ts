import type { JsonObject } from "../objects/json-value.ts";

/** Parameters of a list or watch; those without a value are left out. */
export type ApiParameters = Readonly<Record<string, string | undefined>>;

export interface ApiRequest {
  readonly path: string;
  readonly parameters: ApiParameters;
  /** Whether the server may send metadata only. */
  readonly isMetadataOnly: boolean;
  /** Ends the request at any moment. */
  readonly signal: AbortSignal;
}

/** What is needed of the API of Kubernetes. All reject with `KubernetesApiError` or an `HttpClientError`. */
export interface KubernetesApi {
  /** One page of a list, as the server sent it. */
  list(request: ApiRequest): Promise<JsonObject>;
  /** The events of a watch, until the server ends it or the connection breaks, which rejects. */
  watch(request: ApiRequest): Promise<AsyncIterable<JsonObject>>;
  /** The namespace of the pod that this process runs in. */
  ownNamespace(): Promise<string>;
  close(): void;
}
