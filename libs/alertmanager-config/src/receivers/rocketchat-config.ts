import type { Secret } from "@monotreme/prometheus-config";
import type { HttpIntegrationConfig, MessageField } from "./integration-config.ts";

/** A button of a message; texts are templates. */
export interface RocketchatAction {
  readonly type: string;
  readonly text: string;
  readonly url: string;
  readonly imageUrl: string;
  readonly isWebview: boolean;
  readonly webviewHeightRatio: string;
  readonly msg: string;
  readonly msgInChatWindow: boolean;
  readonly msgProcessingType: string;
}

/** One entry of `rocketchat_configs`; all texts are templates. */
export interface RocketchatConfig extends HttpIntegrationConfig {
  readonly apiUrl: string;
  readonly tokenId: Secret | undefined;
  readonly tokenIdFile: string | undefined;
  readonly token: Secret | undefined;
  readonly tokenFile: string | undefined;
  readonly channel: string;
  readonly color: string;
  readonly title: string;
  readonly titleLink: string;
  readonly text: string;
  readonly fields: readonly MessageField[];
  readonly shortFields: boolean;
  readonly emoji: string;
  readonly iconUrl: string;
  readonly imageUrl: string;
  readonly thumbUrl: string;
  readonly linkNames: boolean;
  readonly actions: readonly RocketchatAction[];
}
