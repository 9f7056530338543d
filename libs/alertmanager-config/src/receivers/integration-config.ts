import type { HttpClientConfig, TlsConfig } from "@monotreme/prometheus-config";

/** What every integration of a receiver has. */
export interface IntegrationConfig {
  /** Whether it is told of resolved alerts. */
  readonly sendResolved: boolean;
}

/** An integration that speaks HTTP; `httpConfig` is its own or the one of `global`. */
export interface HttpIntegrationConfig extends IntegrationConfig {
  readonly httpConfig: HttpClientConfig;
}

/** A title and a value that a chat message shows as a row; `isShort` undefined leaves it to the message's default. */
export interface MessageField {
  readonly title: string;
  readonly value: string;
  readonly isShort: boolean | undefined;
}

/** Any YAML value, for the fields whose form is the receiving system's affair. */
export type FreeValue =
  | null
  | boolean
  | number
  | string
  | readonly FreeValue[]
  | { readonly [name: string]: FreeValue };

export type { HttpClientConfig, TlsConfig };
