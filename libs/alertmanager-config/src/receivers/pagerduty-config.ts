import type { Secret } from "@monotreme/prometheus-config";
import type { FreeValue, HttpIntegrationConfig } from "./integration-config.ts";

/** A picture of an incident; texts are templates. */
export interface PagerdutyImage {
  readonly src: string;
  readonly alt: string;
  readonly href: string;
}

/** A link of an incident; texts are templates. */
export interface PagerdutyLink {
  readonly href: string;
  readonly text: string;
}

/** One entry of `pagerduty_configs`: a routing key means events v2, a service key events v1. */
export interface PagerdutyConfig extends HttpIntegrationConfig {
  readonly serviceKey: Secret | undefined;
  readonly serviceKeyFile: string | undefined;
  readonly routingKey: Secret | undefined;
  readonly routingKeyFile: string | undefined;
  readonly url: string;
  readonly client: string;
  readonly clientUrl: string;
  readonly description: string;
  /** Nested; every text in it is a template. The standard four are always there. */
  readonly details: Readonly<Record<string, FreeValue>>;
  readonly images: readonly PagerdutyImage[];
  readonly links: readonly PagerdutyLink[];
  readonly source: string;
  /** Empty means `error`. */
  readonly severity: string;
  readonly class: string;
  readonly component: string;
  readonly group: string;
  readonly timeoutMs: number;
}
