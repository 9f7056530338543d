import { boolean, integer, optional, shownDefault, text, withDefault, type Schema } from "@monotreme/prometheus-config";
import { optionalPath, optionalSecret } from "../sections/field-kinds.ts";
import { checkAtMostOne, isGiven } from "../sections/exclusive-fields.ts";
import { httpIntegrationFields, withGlobalHttp, withHttpClient } from "../sections/http-section.ts";
import { goDuration, httpUrl, integerText } from "../sections/scalars.ts";
import { type Decoded, structure } from "../sections/structure.ts";
import { type IntegrationKind, integrationKind } from "./integration-kind.ts";
import type { TelegramConfig } from "./telegram-config.ts";

const PARSE_MODES = ["", "Markdown", "MarkdownV2", "HTML"] as const;

const parseMode: Schema<TelegramConfig["parseMode"]> = {
  decode: (node) => {
    const mode = PARSE_MODES.find((each) => each === node.text);
    if (mode === undefined) {
      node.fault("unknown parse_mode on telegram_config, must be Markdown, MarkdownV2, HTML or empty string");
    }
    return mode;
  },
  render: (mode) => mode,
};

const schema = structure({
  name: "telegram_config",
  fields: {
    ...httpIntegrationFields(true),
    api_url: optional(httpUrl),
    bot_token: optionalSecret,
    bot_token_file: optionalPath,
    chat_id: optional(integerText),
    chat_id_file: optionalPath,
    message_thread_id: withDefault(integer, 0),
    message: shownDefault(text, '{{ template "telegram.default.message" . }}'),
    disable_notifications: withDefault(boolean, false),
    parse_mode: shownDefault(parseMode, "HTML"),
    timeout: withDefault(goDuration, 0),
  },
  names: { timeout: "timeoutMs" },
  check: (section, at) => {
    checkAtMostOne(at, section, "bot_token", "bot_token_file");
    const hasChat = section.chat_id !== undefined && section.chat_id !== "0";
    if (!hasChat && !isGiven(section.chat_id_file)) at().fault("missing chat_id or chat_id_file on telegram_config");
    if (hasChat) checkAtMostOne(at, section, "chat_id", "chat_id_file");
  },
});

type TelegramSection = Decoded<typeof schema>;

/** How entries of `telegram_configs` are read. */
export const telegramKind: IntegrationKind<TelegramSection, TelegramConfig> = integrationKind({
  schema,
  complete: (section, global, fault) => {
    const hasToken = isGiven(section.botToken) || isGiven(section.botTokenFile);
    const botToken = hasToken ? section.botToken : global.telegramBotToken;
    const botTokenFile = hasToken ? section.botTokenFile : global.telegramBotTokenFile;
    if (!isGiven(botToken) && !isGiven(botTokenFile)) fault("missing bot_token or bot_token_file on telegram_config");
    return {
      ...withGlobalHttp(section, global),
      apiUrl: section.apiUrl ?? global.telegramApiUrl,
      botToken,
      botTokenFile,
    };
  },
  configFrom: (section) => ({
    ...withHttpClient(section),
    apiUrl: section.apiUrl ?? "",
    chatId: section.chatId === "0" ? undefined : section.chatId,
  }),
});
