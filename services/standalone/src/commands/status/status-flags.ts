import { flag, optionalFlag, textSchema, urlSchema } from "@monotreme/config";

/** The roles with an address of their own, and its port by default. */
export const ROLE_PORTS = {
  alertmanager: 9093,
  heartbeat: 8000,
  gateway: 9201,
  scraper: 9095,
  ruler: 9096,
  ingester: 9097,
  compactor: 9098,
} as const;

const urlsSchema = textSchema.transform((text, context): readonly string[] => {
  const urls = text.split(",").map((url) => url.trim().replace(/\/+$/, ""));
  for (const url of urls) {
    if (!urlSchema.safeParse(url).success) context.addIssue({ code: "custom", message: `${url} is no address` });
  }
  return urls;
});

const roleUrls = (role: keyof typeof ROLE_PORTS) =>
  optionalFlag(`${role}.url`, urlsSchema, `Addresses of ${role}s, separated by commas; those given must be ready.`);

/** Flags of `monotreme status`. */
export const STATUS_FLAGS = {
  url: flag(
    "url",
    urlSchema,
    "http://127.0.0.1:9090",
    "Address of standalone, or of a query service; may hold user:password@.",
  ),
  alertmanager: roleUrls("alertmanager"),
  heartbeat: roleUrls("heartbeat"),
  gateway: roleUrls("gateway"),
  scraper: roleUrls("scraper"),
  ruler: roleUrls("ruler"),
  ingester: roleUrls("ingester"),
  compactor: roleUrls("compactor"),
} as const;
