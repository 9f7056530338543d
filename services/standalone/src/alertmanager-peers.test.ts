import { expect, test } from "vitest";
import { type SharedState, sharedStateOf } from "./alertmanager-peers.ts";

test("alertmanager peers - one of those on this machine keeps the state for all", () => {
  const f = (listenAddress: string, peers: readonly string[], expected: Omit<SharedState, "elsewhere">): void =>
    expect(sharedStateOf(listenAddress, peers), `${listenAddress} ${peers.join()}`).toEqual({
      ...expected,
      elsewhere: [],
    });
  const all = ["127.0.0.1:7003", "127.0.0.1:7001", "127.0.0.1:7002"];
  f("", [], {});
  f("0.0.0.0:9094", [], {});
  f("127.0.0.1:7001", [], { ownPort: 7001 });
  f("127.0.0.1:7001", all, { ownPort: 7001 });
  f("127.0.0.1:7002", all, { natsUrl: "nats://127.0.0.1:7001" });
  f("127.0.0.1:7003", all, { natsUrl: "nats://127.0.0.1:7001" });
  f("127.0.0.1:7000", ["localhost:7009"], { natsUrl: "nats://127.0.0.1:7009" });
  f("", ["127.0.0.1:7009"], { natsUrl: "nats://127.0.0.1:7009" });
});

test("alertmanager peers - others than those on this machine are named", () => {
  expect(sharedStateOf("127.0.0.1:7001", ["10.0.0.1:9094", "am-1:9094"])).toEqual({
    ownPort: 7001,
    elsewhere: ["10.0.0.1:9094", "am-1:9094"],
  });
});
