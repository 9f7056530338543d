import { expect, test } from "vitest";
import { externalUrlOf, routePrefixOf, type WebLocationFlags } from "./web-location.ts";

const LISTENER = "http://127.0.0.1:9090";

test.each<[WebLocationFlags, prefix: string, externalUrl: string]>([
  [{}, "", "http://127.0.0.1:9090"],
  [{ routePrefix: "/" }, "", "http://127.0.0.1:9090"],
  [{ routePrefix: "prom/" }, "/prom", "http://127.0.0.1:9090/prom"],
  [{ externalUrl: "https://example.org" }, "", "https://example.org"],
  [{ externalUrl: "https://example.org/prom/" }, "/prom", "https://example.org/prom"],
  [{ externalUrl: "https://example.org/prom/", routePrefix: "/" }, "", "https://example.org/prom"],
])("web location - %j serves under '%s' and links to %s", (flags, prefix, externalUrl) => {
  expect(routePrefixOf(flags)).toBe(prefix);
  expect(externalUrlOf(flags, LISTENER)).toBe(externalUrl);
});
