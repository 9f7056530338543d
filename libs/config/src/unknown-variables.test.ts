import { expect, test } from "vitest";
import { unknownVariables } from "./unknown-variables.ts";

test("unknown variables - a mistyped one is told with what was meant", () => {
  const environment = { MONOTREME_SAMPELS_PARTITIONS: "8", MONOTREME_QUITE_SOMETHING_ELSE: "1" };
  expect(unknownVariables(environment)).toEqual([
    { name: "MONOTREME_QUITE_SOMETHING_ELSE", suggestion: undefined },
    { name: "MONOTREME_SAMPELS_PARTITIONS", suggestion: "MONOTREME_SAMPLES_PARTITIONS" },
  ]);
});

test("unknown variables - those of other roles, of Kubernetes and of other programs are none", () => {
  const names = [
    "MONOTREME_NATS_URL",
    "MONOTREME_INGESTER_LEASE_TTL",
    "MONOTREME_RULES_LEASE_TTL",
    "MONOTREME_GATEWAY_SERVICE_HOST",
    "MONOTREME_GATEWAY_SERVICE_PORT",
    "MONOTREME_GATEWAY_SERVICE_PORT_HTTP",
    "MONOTREME_GATEWAY_PORT",
    "MONOTREME_GATEWAY_PORT_9201_TCP_ADDR",
    "PATH",
  ];
  expect(unknownVariables(Object.fromEntries(names.map((name) => [name, "x"])))).toEqual([]);
});
