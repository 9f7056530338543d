import {
  durationSchema,
  flag,
  listenAddressFlag,
  NATS_FLAGS,
  STREAM_FLAGS,
  switchFlag,
  switchSchema,
  textSchema,
} from "@monotreme/config";

/** How the scraper gets its configuration, for every process that runs one. */
export const SCRAPE_FLAGS = {
  configFile: flag("config.file", textSchema, "prometheus.yml", "Prometheus configuration file."),
  configAutoReload: switchFlag(
    "config.auto-reload",
    switchSchema,
    "Whether the configuration file is read again when it changes.",
  ),
  configAutoReloadInterval: flag(
    "config.auto-reload-interval",
    durationSchema.refine((intervalMs) => intervalMs >= 1000, "expected at least 1s"),
    "30s",
    "How often the configuration file is looked at for changes.",
  ),
  discoveryReloadInterval: flag(
    "scrape.discovery-reload-interval",
    durationSchema.refine((intervalMs) => intervalMs >= 10, "expected at least 10ms"),
    "5s",
    "Discovered targets that change are taken over at most this often; the first at once.",
  ),
} as const;

/** Flags of the scraper as a process of its own. */
export const SCRAPER_FLAGS = {
  ...SCRAPE_FLAGS,
  group: flag(
    "scraper.group",
    textSchema.regex(/^\w*$/, "expected letters, digits and _"),
    "",
    "Scrapers of the same group, which must have the same configuration, share their targets: each is scraped by one " +
      "of those alive. Not given: this one scrapes all of its targets.",
  ),
  scraperLeaseTtl: flag(
    "scraper.lease-ttl",
    durationSchema.refine((ttlMs) => ttlMs >= 1000, "expected at least 1s"),
    "6s",
    "After this long without a sign of life the targets of a scraper go to the others of its group.",
  ),
  features: flag(
    "enable-feature",
    textSchema,
    "",
    "Switches of upstream, separated by commas: st-storage (store when counters began, as protobuf says) means " +
      "something here.",
  ),
  listenAddress: listenAddressFlag("127.0.0.1:9095"),
  enableLifecycle: switchFlag("web.enable-lifecycle", switchSchema, "Whether POST /-/reload is allowed."),
  ...NATS_FLAGS,
  ...STREAM_FLAGS,
} as const;
