import type { Secret } from "@monotreme/prometheus-config";
import type { HttpIntegrationConfig } from "../receivers/integration-config.ts";

/** A button that opens a page or makes a request; all texts are templates, an empty `label` drops it. */
export interface NtfyAction {
  readonly action: "view" | "http" | "broadcast" | "copy";
  readonly label: string;
  readonly url: string;
  readonly method: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
  /** Android only: the intent and its extras of a broadcast. */
  readonly intent: string;
  readonly extras: Readonly<Record<string, string>>;
  /** What `copy` puts on the clipboard. */
  readonly value: string;
  /** Dismiss the message once the action succeeded. */
  readonly clear: boolean;
}

/** Buttons that silence the alerts of a message for a time. */
export interface NtfySilenceAction {
  /** Empty: one button that opens the prefilled form, without a length of time. */
  readonly durationsMs: readonly number[];
  /** `view` opens the form of the alertmanager's page; `http` posts the silence at once, through the broker in clear. */
  readonly mode: "view" | "http";
}

/** A token bucket in front of one ntfy server. */
export interface NtfyRateLimit {
  readonly burst: number;
  /** How long one token takes to come back. */
  readonly refillMs: number;
}

/**
 * A `webhook_configs` entry whose address has the fragment `#ntfy`, joined with its options of the side file. All
 * texts are templates; an empty one leaves the field out.
 *
 * Where nothing is configured, `title`, `message`, `priority`, `tags` (one entry) and `click` are
 * `{{ template "ntfy.default.<field>" . }}`. These templates are empty unless a user defines them, and the receiver
 * then composes the field by itself. No `actions` (an empty list) means the receiver's own buttons; `silenceAction` is
 * `{ durationsMs: [], mode: "view" }` unless configured otherwise, undefined only where it is switched off.
 */
export interface NtfyConfig extends HttpIntegrationConfig {
  /** The server's address with the topic as its last part of the path, fragment cut off; a template. */
  readonly url: Secret | undefined;
  /** Holds such an address; read at send time. */
  readonly urlFile: string | undefined;
  /** Overrides the topic of the address; a template, so that labels can choose it. Empty: the address' own. */
  readonly topic: string;
  readonly token: Secret | undefined;
  readonly tokenFile: string | undefined;
  readonly username: string;
  readonly password: Secret | undefined;
  readonly passwordFile: string | undefined;
  readonly title: string;
  readonly message: string;
  /** Renders to 1..5, a name of one (`min` … `max`), or nothing for the server's default. */
  readonly priority: string;
  /** Each renders to one tag or several separated by commas. */
  readonly tags: readonly string[];
  readonly click: string;
  readonly actions: readonly NtfyAction[];
  readonly silenceAction: NtfySilenceAction | undefined;
  readonly icon: string;
  readonly attach: string;
  readonly filename: string;
  readonly markdown: boolean;
  readonly delay: string;
  readonly email: string;
  readonly call: string;
  /** One message a group, or one an alert. */
  readonly mode: "group" | "alert";
  /** Alerts beyond that many are named by number only; 0 means as many as fit. */
  readonly maxAlerts: number;
  /** Whether a later message of the same group (or alert) replaces the shown one. */
  readonly update: boolean;
  /** What becomes of the shown message when all is resolved: `update` its text, `clear` or `delete` it, or send a `new` one. */
  readonly onResolve: "update" | "clear" | "delete" | "new";
  readonly rateLimit: NtfyRateLimit;
  /** 0 means none but the flush's own. */
  readonly timeoutMs: number;
}
