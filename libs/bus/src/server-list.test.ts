import { describe, expect, test } from "vitest";
import { parseServerList } from "./server-list.ts";

describe("server list", () => {
  test.each([
    ["nats://a:4222", ["nats://a:4222"], undefined],
    ["nats://a:4222, nats://b:4222,", ["nats://a:4222", "nats://b:4222"], undefined],
    ["nats://me:secret@a:4222", ["nats://a:4222"], { user: "me", pass: "secret" }],
    ["nats://a,tls://me:s%40%3Ac@b:4222", ["nats://a", "tls://b:4222"], { user: "me", pass: "s@:c" }],
    ["me:100%@a", ["a"], { user: "me", pass: "100%" }],
    ["nats://t0ken@a", ["nats://a"], { token: "t0ken" }],
    ["nats://me:a:b@[::1]:4222", ["nats://[::1]:4222"], { user: "me", pass: "a:b" }],
  ])("%s", (text, servers, credentials) => {
    expect(parseServerList(text)).toEqual({ servers, credentials });
  });
});
