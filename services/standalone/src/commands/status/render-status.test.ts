import { describe, expect, test } from "vitest";
import type { StackStatus } from "./ask-stack.ts";
import type { RoleStatus } from "./probe-role.ts";
import { renderStatus } from "./render-status.ts";
import { addressFrom } from "./stack-address.ts";

const role = (metrics: Readonly<Record<string, number>>, more: Partial<RoleStatus> = {}): RoleStatus => ({
  name: "ingester",
  url: "http://i",
  state: "ready",
  detail: "",
  metrics: new Map(Object.entries(metrics)),
  isSecondAddress: false,
  ...more,
});
const stack = (...roles: readonly RoleStatus[]): StackStatus => ({ roles, targets: [], alerts: [], faults: [] });
const WELL = { 'monotreme_build_info{nodeversion="v20",version="1.2.3"}': 1, monotreme_bus_connected: 1 };

describe("status", () => {
  test("status - a stack where all is well has no faults, and tells versions", () => {
    const { lines, faults } = renderStatus(stack(role(WELL)));
    expect(faults).toEqual([]);
    expect(lines[1]).toMatch(/ingester +ready +http:\/\/i {2}1\.2\.3/);
  });

  const isBroken = (what: string, metrics: Readonly<Record<string, number>>, fault: string): void =>
    test(`status - broken: ${what}`, () => {
      expect(renderStatus(stack(role({ ...WELL, ...metrics }))).faults).toEqual([fault]);
    });
  isBroken("lag", { 'monotreme_ingester_partition_lag_seconds{partition="1"}': 180 }, "samples are stored 3 min late");
  isBroken("NATS", { monotreme_bus_connected: 0 }, "1 processes have lost NATS");
  isBroken(
    "dead letters",
    { 'monotreme_bus_dead_letters_total{stream="SAMPLES"}': 2 },
    "2 messages could not be read (dead letters)",
  );
  isBroken(
    "old blocks",
    { 'monotreme_compactor_backlog_age_seconds{resolution="raw"}': 36_000 },
    "blocks are due for 10.0 h",
  );
  isBroken("set aside", { monotreme_compactor_set_aside_blocks: 1 }, "1 blocks were set aside (see blocks list)");
  isBroken(
    "notifications",
    { 'alertmanager_notifications_failed_total{integration="a",reason="b"}': 3 },
    "3 notifications failed",
  );

  test("status - a process with two addresses counts once, two processes count twice", () => {
    const failed = (isSecondAddress: boolean): RoleStatus =>
      role({ ...WELL, alertmanager_notifications_failed_total: 2 }, { isSecondAddress });
    expect(renderStatus(stack(failed(false), failed(true))).faults).toEqual(["2 notifications failed"]);
    expect(renderStatus(stack(failed(false), failed(false))).faults).toEqual(["4 notifications failed"]);
  });

  test("status - a role that nobody named may be absent, the one that is asked may not", () => {
    const absent = role({}, { name: "gateway", state: "absent", detail: "refused" });
    expect(renderStatus(stack(role(WELL), absent)).faults).toEqual([]);
    expect(renderStatus(stack(role(WELL), absent)).lines).toContain("  nothing listens for gateway (http://i)");
    expect(renderStatus(stack(absent)).faults).toEqual(["gateway at http://i: refused"]);
  });

  test("status - credentials of an address become a header and are shown nowhere", () => {
    expect(addressFrom("https://a:p%40ss@h:1/x/")).toEqual({
      url: "https://h:1/x",
      headers: { Authorization: `Basic ${Buffer.from("a:p@ss").toString("base64")}` },
    });
    expect(addressFrom("http://h:9090")).toEqual({ url: "http://h:9090", headers: {} });
  });
});
