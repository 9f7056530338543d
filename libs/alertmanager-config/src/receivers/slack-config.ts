import type { Secret } from "@monotreme/prometheus-config";
import type { HttpIntegrationConfig, MessageField } from "./integration-config.ts";

/** A button's question back before it does something. */
export interface SlackConfirmation {
  readonly text: string;
  readonly title: string;
  readonly okText: string;
  readonly dismissText: string;
}

/** A button: with a `url` a link, otherwise a message action with `name` and `value`. */
export interface SlackAction {
  readonly type: string;
  readonly text: string;
  readonly url: string;
  readonly style: string;
  readonly name: string;
  readonly value: string;
  readonly confirm: SlackConfirmation | undefined;
}

/** One entry of `slack_configs`; all texts are templates. Either the webhook address or the app token is there. */
export interface SlackConfig extends HttpIntegrationConfig {
  readonly apiUrl: Secret | undefined;
  readonly apiUrlFile: string | undefined;
  readonly appToken: Secret | undefined;
  readonly appTokenFile: string | undefined;
  /** Where messages go with an app token. */
  readonly appUrl: string;
  readonly channel: string;
  readonly username: string;
  readonly color: string;
  readonly title: string;
  readonly titleLink: string;
  readonly pretext: string;
  readonly text: string;
  readonly messageText: string;
  readonly fields: readonly MessageField[];
  readonly shortFields: boolean;
  readonly footer: string;
  readonly fallback: string;
  readonly callbackId: string;
  readonly iconEmoji: string;
  readonly iconUrl: string;
  readonly imageUrl: string;
  readonly thumbUrl: string;
  readonly linkNames: boolean;
  readonly mrkdwnIn: readonly string[];
  readonly actions: readonly SlackAction[];
  /** Later messages of a group replace the first one. */
  readonly updateMessage: boolean;
  readonly timeoutMs: number;
}
