import { mapping, shownDefault, withDefault } from "../yaml/schema.ts";
import { duration, maskedUrl } from "../yaml/scalars.ts";
import { checkHttpClient, httpClientFields } from "./http-client-section.ts";

/** One entry of `http_sd_configs`. */
export const httpSdConfig = mapping({
  name: "http_sd_configs",
  fields: {
    ...httpClientFields,
    refresh_interval: shownDefault(duration, 60_000),
    url: withDefault(maskedUrl, ""),
  },
  check: (config, at) => {
    const fault = urlFault(config.url);
    if (fault !== undefined) at("url").fault(fault);
    if (config.refresh_interval === 0) at("refresh_interval").fault("refresh_interval must be above 0");
    checkHttpClient(config, at);
  },
});

function urlFault(url: string): string | undefined {
  if (url === "") return "URL is missing";
  if (!/^https?:/i.test(url)) return "URL scheme must be 'http' or 'https'";
  if (/^https?:\/*([/?#]|$)/i.test(url.replace(/^(https?:)\/\//i, "$1"))) return "host is missing in URL";
  return URL.canParse(url) ? undefined : "expected a URL such as http://host:9090/path";
}
