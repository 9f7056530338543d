import type { Secret } from "@monotreme/prometheus-config";

/** Somebody who is told of flips directly, past the alertmanager. */
export type ChannelConfig = NtfyChannel | EmailChannel | WebhookChannel;

interface ChannelCommon {
  /** A UUID, made of the project's and the channel's name. */
  readonly id: string;
  /** Unique in its project. */
  readonly name: string;
  /** Told when a check goes down, and when it comes up again. */
  readonly isToldDown: boolean;
  readonly isToldUp: boolean;
  /** Told again every so often while a check is down; undefined: once. */
  readonly repeatMs: number | undefined;
}

/** A topic of ntfy. */
export interface NtfyChannel extends ChannelCommon {
  readonly kind: "ntfy";
  /** The topic's whole address: whoever knows it can read along. */
  readonly url: Secret;
  readonly token: Secret | undefined;
  readonly tokenFile: string | undefined;
  readonly username: string;
  readonly password: Secret | undefined;
  readonly passwordFile: string | undefined;
  /** 1 to 5. */
  readonly priorityDown: number;
  readonly priorityUp: number;
}

/** Mail through a relay. */
export interface EmailChannel extends ChannelCommon {
  readonly kind: "email";
  readonly to: readonly string[];
  readonly from: string;
  readonly smarthost: { readonly host: string; readonly port: number };
  readonly username: string;
  readonly password: Secret | undefined;
  readonly passwordFile: string | undefined;
  /** Without TLS nothing is sent. */
  readonly isTlsRequired: boolean;
}

/** An HTTP request of one's own, with `$CODE`, `$STATUS`, `$NAME` and so on in its address, headers and body. */
export interface WebhookChannel extends ChannelCommon {
  readonly kind: "webhook";
  /** Undefined: nothing is sent. */
  readonly down: WebhookRequest | undefined;
  readonly up: WebhookRequest | undefined;
}

export interface WebhookRequest {
  readonly method: "GET" | "POST" | "PUT";
  readonly url: Secret;
  readonly headers: Readonly<Record<string, Secret>>;
  readonly body: string;
}
