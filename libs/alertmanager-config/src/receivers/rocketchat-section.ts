import { boolean, list, optional, shownDefault, text, withDefault } from "@monotreme/prometheus-config";
import { optionalPath, optionalSecret, optionalShown, optionalText } from "../sections/field-kinds.ts";
import { checkAtMostOne, isGiven } from "../sections/exclusive-fields.ts";
import { httpIntegrationFields, withGlobalHttp, withHttpClient } from "../sections/http-section.ts";
import { httpUrl } from "../sections/scalars.ts";
import { type Decoded, structure } from "../sections/structure.ts";
import { type IntegrationKind, integrationKind } from "./integration-kind.ts";
import type { RocketchatConfig } from "./rocketchat-config.ts";

const field = structure({
  name: "Rocket.Chat field",
  fields: { short: optionalShown(boolean), title: optionalText, value: optionalText },
  names: { short: "isShort" },
});

// Upstream's reader knows these fields by their names without underscores, so files have them so.
const action = structure({
  name: "Rocket.Chat action",
  fields: {
    type: optionalText,
    text: optionalText,
    url: optionalText,
    imageurl: optionalText,
    iswebview: withDefault(boolean, false),
    webviewheightratio: optionalText,
    msg: optionalText,
    msginchatwindow: withDefault(boolean, false),
    msgprocessingtype: optionalText,
  },
  names: {
    imageurl: "imageUrl",
    iswebview: "isWebview",
    webviewheightratio: "webviewHeightRatio",
    msginchatwindow: "msgInChatWindow",
    msgprocessingtype: "msgProcessingType",
  },
});

const standard = (name: string) => shownDefault(text, `{{ template "rocketchat.default.${name}" . }}`);

const schema = structure({
  name: "rocketchat_config",
  fields: {
    ...httpIntegrationFields(false),
    api_url: optional(httpUrl),
    token_id: optionalSecret,
    token_id_file: optionalPath,
    token: optionalSecret,
    token_file: optionalPath,
    channel: optionalText,
    color: shownDefault(text, '{{ if eq .Status "firing" }}red{{ else }}green{{ end }}'),
    title: standard("title"),
    title_link: standard("titlelink"),
    text: standard("text"),
    fields: withDefault(list(field, "fields"), []),
    short_fields: shownDefault(boolean, false),
    emoji: standard("emoji"),
    icon_url: standard("iconurl"),
    image_url: optionalText,
    thumb_url: optionalText,
    link_names: shownDefault(boolean, false),
    actions: withDefault(list(action, "actions"), []),
  },
  check: (section, at) => {
    checkAtMostOne(at, section, "token", "token_file");
    checkAtMostOne(at, section, "token_id", "token_id_file");
  },
});

type RocketchatSection = Decoded<typeof schema>;

/** How entries of `rocketchat_configs` are read. */
export const rocketchatKind: IntegrationKind<RocketchatSection, RocketchatConfig> = integrationKind({
  schema,
  complete: (section, global, fault) => {
    const hasId = isGiven(section.tokenId) || isGiven(section.tokenIdFile);
    const hasToken = isGiven(section.token) || isGiven(section.tokenFile);
    const completed = {
      ...withGlobalHttp(section, global),
      apiUrl: section.apiUrl ?? global.rocketchatApiUrl,
      tokenId: hasId ? section.tokenId : global.rocketchatTokenId,
      tokenIdFile: hasId ? section.tokenIdFile : global.rocketchatTokenIdFile,
      token: hasToken ? section.token : global.rocketchatToken,
      tokenFile: hasToken ? section.tokenFile : global.rocketchatTokenFile,
    };
    if (!isGiven(completed.tokenId) && !isGiven(completed.tokenIdFile)) {
      fault("no global Rocketchat TokenID set either inline or in a file");
    }
    if (!isGiven(completed.token) && !isGiven(completed.tokenFile)) {
      fault("no global Rocketchat Token set either inline or in a file");
    }
    return completed;
  },
  configFrom: (section) => ({ ...withHttpClient(section), apiUrl: section.apiUrl ?? "" }),
});
