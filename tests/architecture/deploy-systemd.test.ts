import { spawnSync } from "node:child_process";
import { copyFileSync, mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { faultsOf, filesOf } from "./deploy/roles.ts";
import { ROOT } from "./workspace.ts";

const FOLDER = join(ROOT, "deploy/systemd");
const units = readdirSync(FOLDER).filter((name) => name.endsWith(".service"));
/** systemd's own score: 10 is open to everything, 0 is closed. */
const MAX_EXPOSURE = 3;

function hasAnalyze(): boolean {
  return spawnSync("systemd-analyze", ["security", "--help"], { stdio: "ignore" }).status === 0;
}

/** Settings by section; a key may come several times. */
function readUnit(name: string): Map<string, string[]> {
  const settings = new Map<string, string[]>();
  let section = "";
  for (const line of readFileSync(join(FOLDER, name), "utf8").split("\n")) {
    if (line === "" || line.startsWith("#")) continue;
    const header = /^\[(\w+)\]$/.exec(line)?.[1];
    const [, key, value] = /^(\w+)=(.*)$/.exec(line) ?? [];
    if (header !== undefined) section = header;
    else if (key === undefined || section === "") throw new Error(`${name}: ${line}`);
    else settings.set(`${section}.${key}`, [...(settings.get(`${section}.${key}`) ?? []), value ?? ""]);
  }
  return settings;
}

describe.each(units)("deploy/systemd/%s", (name) => {
  const unit = readUnit(name);
  const [, , role = "", ...argv] = (unit.get("Service.ExecStart")?.[0] ?? "").split(" ");

  test("starts a role with flags that it takes, and keeps its data where systemd makes the folder", () => {
    if (role === "%i") expect(name).toContain("@");
    else expect(faultsOf({ role, argv, environment: {} })).toEqual([]);
    const folder = unit.get("Service.StateDirectory")?.[0];
    expect(unit.get("Service.WorkingDirectory")).toEqual([`/var/lib/${folder}`]);
    const files = role === "%i" ? [] : filesOf({ role, argv, environment: {} });
    for (const file of files) expect(file).toMatch(/^\/etc\/monotreme\//);
  });

  test("is closed to what it does not need, and has time for an orderly end", () => {
    for (const key of ["NoNewPrivileges", "DynamicUser", "PrivateDevices", "ProtectHome"])
      expect(unit.get(`Service.${key}`)).toEqual(["yes"]);
    expect(unit.get("Service.ProtectSystem")).toEqual(["strict"]);
    // JavaScript is compiled while it runs.
    expect(unit.has("Service.MemoryDenyWriteExecute")).toBe(false);
    expect(Number(unit.get("Service.TimeoutStopSec")?.[0])).toBeGreaterThan(8);
  });
});

describe.skipIf(!hasAnalyze())("systemd's own view of the units (needs systemd-analyze)", () => {
  let folder = "";
  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), "monotreme-units-"));
    for (const name of units) copyFileSync(join(FOLDER, name), join(folder, name.replace("@.", "@query.")));
  });
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  test.each(units)("%s knows every setting and exposes little", (name) => {
    const file = join(folder, name.replace("@.", "@query."));
    const { stdout, stderr } = spawnSync("systemd-analyze", ["security", "--offline=true", "--no-pager", file], {
      encoding: "utf8",
    });
    expect(stderr).not.toMatch(/Unknown|ignoring|Failed to parse/);
    const exposure = /Overall exposure level for \S+: ([\d.]+)/.exec(stdout)?.[1];
    expect(Number(exposure)).toBeLessThan(MAX_EXPOSURE);
  });
});
