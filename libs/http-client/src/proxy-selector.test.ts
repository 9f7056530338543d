import { type ProxyConfig, Secret } from "@monotreme/prometheus-config";
import { describe, expect, test } from "vitest";
import { type Environment, selectProxy } from "./proxy-selector.ts";

const FIXED: ProxyConfig = {
  url: "http://me:s3cr%40t@proxy:3128",
  noProxy: "",
  isFromEnvironment: false,
  connectHeaders: { "X-Tenant": [new Secret("t")] },
};
const FROM_ENVIRONMENT: ProxyConfig = { url: undefined, noProxy: "", isFromEnvironment: true, connectHeaders: {} };

function select(address: string, config: ProxyConfig | undefined, environment: Environment = {}): string | undefined {
  return selectProxy(new URL(address), config, environment)?.url.href;
}

describe("proxy", () => {
  test("a fixed proxy, its credentials apart from its address", () => {
    const proxy = selectProxy(new URL("https://host/x"), FIXED, {});
    expect(proxy?.url.href).toBe("http://proxy:3128/");
    expect(proxy?.connectHeaders).toEqual({
      "x-tenant": ["t"],
      "proxy-authorization": [`Basic ${Buffer.from("me:s3cr@t").toString("base64")}`],
    });
  });

  test("no_proxy goes around a fixed one, and without it even this machine's addresses take the proxy", () => {
    expect(select("http://host/", { ...FIXED, noProxy: "host" })).toBeUndefined();
    expect(select("http://127.0.0.1/", FIXED)).toBe("http://proxy:3128/");
    expect(select("http://127.0.0.1/", { ...FIXED, noProxy: "other" })).toBeUndefined();
  });

  test("the environment names one a scheme, with or without http://", () => {
    const environment = { HTTP_PROXY: "one:1", https_proxy: "http://two:2", NO_PROXY: "free" };
    expect(select("http://host/", FROM_ENVIRONMENT, environment)).toBe("http://one:1/");
    expect(select("https://host/", FROM_ENVIRONMENT, environment)).toBe("http://two:2/");
    expect(select("https://free/", FROM_ENVIRONMENT, environment)).toBeUndefined();
    expect(select("https://host/", FROM_ENVIRONMENT, {})).toBeUndefined();
    expect(select("https://host/", undefined, environment)).toBeUndefined();
  });

  test("other kinds of proxies are refused", () => {
    expect(() => select("http://host/", { ...FIXED, url: "socks5://proxy:1080" })).toThrow(
      "proxies of the protocol socks5: are not supported",
    );
  });
});
