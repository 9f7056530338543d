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
