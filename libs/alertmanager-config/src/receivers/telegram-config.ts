import type { Secret } from "@monotreme/prometheus-config";
import type { HttpIntegrationConfig } from "./integration-config.ts";

/** One entry of `telegram_configs`. */
export interface TelegramConfig extends HttpIntegrationConfig {
  readonly apiUrl: string;
  readonly botToken: Secret | undefined;
  readonly botTokenFile: string | undefined;
  /** As text, because a chat's id may be beyond what a number holds exactly; undefined where `chatIdFile` has it. */
  readonly chatId: string | undefined;
  readonly chatIdFile: string | undefined;
  /** 0 means none. */
  readonly messageThreadId: number;
  readonly message: string;
  readonly disableNotifications: boolean;
  readonly parseMode: "" | "Markdown" | "MarkdownV2" | "HTML";
  readonly timeoutMs: number;
}
