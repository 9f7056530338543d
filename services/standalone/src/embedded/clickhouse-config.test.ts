import { Secret } from "@monotreme/prometheus-config";
import type { Tiers } from "@monotreme/retention";
import { expect, test } from "vitest";

import { clickHouseConfig, clickHouseUsers } from "./clickhouse-config.ts";

test("clickhouse config - takes half of the memory unless told how much", () => {
  expect(clickHouseConfig({ usersFile: "u" })).toContain(
    "<max_server_memory_usage_to_ram_ratio>0.5</max_server_memory_usage_to_ram_ratio>",
  );
  expect(clickHouseConfig({ usersFile: "u", maxMemoryBytes: 5e8 })).toContain(
    "<max_server_memory_usage>500000000</max_server_memory_usage>",
  );
});

test("clickhouse config - escapes a path with signs of XML", () => {
  expect(clickHouseConfig({ usersFile: "/a<b>&c" })).toContain("<users_config>/a&lt;b&gt;&amp;c</users_config>");
});

test("clickhouse users - the user without a password has two grants, the other all", () => {
  const [, monotreme = "", byDefault = ""] = /<monotreme>(.*)<\/monotreme>.*<default>(.*)<\/default>/s.exec(
    clickHouseUsers("secret"),
  ) ?? [""];
  expect(monotreme).toContain("<password>secret</password>");
  expect(monotreme).not.toContain("<grants>");
  expect(byDefault).toContain("<password></password>");
  expect(byDefault.match(/<query>/g)).toHaveLength(2);
});

test("clickhouse config - volumes become disks and a policy that moves nothing by itself", () => {
  const tiers: Tiers = {
    policyName: "monotreme",
    moves: [],
    volumes: [
      { name: "disk", place: { path: "/mnt/a&b/" } },
      {
        name: "far",
        place: {
          s3: {
            endpoint: "https://s3/bucket/",
            region: "eu",
            accessKeyId: new Secret("id"),
            secretAccessKey: new Secret("<key>"),
          },
        },
      },
      {
        name: "role",
        place: {
          s3: { endpoint: "https://s3/b/", region: undefined, accessKeyId: undefined, secretAccessKey: undefined },
        },
      },
    ],
  };
  const config = clickHouseConfig({ usersFile: "u", tiers }).replaceAll("\n", "");
  expect(config).toContain("<disk><path>/mnt/a&amp;b/</path></disk>");
  expect(config).toContain("<access_key_id>id</access_key_id><secret_access_key>&lt;key&gt;</secret_access_key>");
  expect(config).toContain(
    "<role><type>s3</type><endpoint>https://s3/b/</endpoint><use_environment_credentials>1</use_environment_credentials>",
  );
  expect(config).toContain(
    "<monotreme><volumes><default><disk>default</disk></default><disk><disk>disk</disk></disk><far><disk>far</disk></far>",
  );
  expect(config).toContain("<move_factor>0</move_factor>");
  expect(clickHouseConfig({ usersFile: "u" })).not.toContain("storage_configuration");
});
