import { list, mapping, shownDefault, withDefault } from "../yaml/schema.ts";
import { count, duration, text } from "../yaml/scalars.ts";

/** The kinds of DNS records that give targets. */
export const DNS_RECORD_TYPES = ["SRV", "A", "AAAA", "MX", "NS"] as const;
export type DnsRecordType = (typeof DNS_RECORD_TYPES)[number];

const MAX_PORT = 65_535;

/** One entry of `dns_sd_configs`. */
export const dnsSdConfig = mapping({
  name: "dns_sd_configs",
  fields: {
    names: withDefault(list(text, "names"), []),
    refresh_interval: shownDefault(duration, 30_000),
    type: shownDefault(text, "SRV"),
    port: withDefault(count, 0),
  },
  check: (config, at) => {
    if (config.names.length === 0) at().fault("DNS-SD config must contain at least one SRV record name");
    if (config.names.includes("")) at("names").fault("a name is empty");
    if (config.refresh_interval === 0) at("refresh_interval").fault("refresh_interval must be above 0");
    const type = dnsRecordType(config.type);
    if (type === undefined) at("type").fault(`invalid DNS-SD records type ${config.type}`);
    else if (type !== "SRV" && config.port === 0) {
      at("port").fault("a port is required in DNS-SD configs for all record types except SRV");
    }
    if (config.port > MAX_PORT) at("port").fault(`a port is at most ${MAX_PORT}`);
  },
});

/** Record types may be written in any case. */
export function dnsRecordType(type: string): DnsRecordType | undefined {
  return DNS_RECORD_TYPES.find((each) => each === type.toUpperCase());
}
