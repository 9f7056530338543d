import { optional, shownDefault, text, type Schema } from "@monotreme/prometheus-config";
import { optionalPath, optionalSecret, optionalText } from "../sections/field-kinds.ts";
import { checkAtMostOne, isGiven } from "../sections/exclusive-fields.ts";
import { httpIntegrationFields, withGlobalHttp, withHttpClient } from "../sections/http-section.ts";
import { httpUrl } from "../sections/scalars.ts";
import { type Decoded, structure } from "../sections/structure.ts";
import { type IntegrationKind, integrationKind } from "./integration-kind.ts";
import { withTrailingSlash } from "./trailing-slash.ts";
import type { WechatConfig } from "./wechat-config.ts";

const messageType: Schema<"text" | "markdown"> = {
  decode: (node) => {
    const type = node.text === "" ? "text" : node.text;
    if (type === "text" || type === "markdown") return type;
    node.fault(`weChat message type ${node.description} does not match valid options ^(text|markdown)$`);
    return undefined;
  },
  render: (value) => value,
};

const standard = (name: string) => shownDefault(text, `{{ template "wechat.default.${name}" . }}`);

const schema = structure({
  name: "wechat_config",
  fields: {
    ...httpIntegrationFields(false),
    api_secret: optionalSecret,
    api_secret_file: optionalPath,
    corp_id: optionalText,
    message: standard("message"),
    api_url: optional(httpUrl),
    to_user: standard("to_user"),
    to_party: standard("to_party"),
    to_tag: standard("to_tag"),
    agent_id: standard("agent_id"),
    message_type: shownDefault(messageType, "text"),
  },
  check: (section, at) => checkAtMostOne(at, section, "api_secret", "api_secret_file"),
});

type WechatSection = Decoded<typeof schema>;

/** How entries of `wechat_configs` are read. */
export const wechatKind: IntegrationKind<WechatSection, WechatConfig> = integrationKind({
  schema,
  complete: (section, global, fault) => {
    const hasSecret = isGiven(section.apiSecret) || isGiven(section.apiSecretFile);
    const completed = {
      ...withGlobalHttp(section, global),
      apiSecret: hasSecret ? section.apiSecret : global.wechatApiSecret,
      apiSecretFile: hasSecret ? section.apiSecretFile : global.wechatApiSecretFile,
      corpId: section.corpId || global.wechatApiCorpId,
      apiUrl: withTrailingSlash(section.apiUrl ?? global.wechatApiUrl),
    };
    if (!isGiven(completed.apiSecret) && !isGiven(completed.apiSecretFile)) {
      fault("no global Wechat Api Secret set either inline or in a file");
    }
    if (completed.corpId === "") fault("no global Wechat CorpID set");
    return completed;
  },
  configFrom: (section) => ({ ...withHttpClient(section), apiUrl: section.apiUrl ?? "" }),
});
