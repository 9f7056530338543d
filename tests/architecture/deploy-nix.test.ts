import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { z } from "zod";
import { faultsOf, flagsOf } from "./deploy/roles.ts";
import { ROOT } from "./workspace.ts";

const FILES = ["flake.nix", "deploy/nix/package.nix", "deploy/nix/module.nix"];

const evaluated = z.object({
  script: z.string(),
  ports: z.array(z.number()),
  unit: z.record(z.string(), z.unknown()),
  buildPhase: z.string(),
});

function run(program: string, args: readonly string[]): string {
  return execFileSync(program, args, { encoding: "utf8", stdio: ["ignore", "pipe", "ignore"], maxBuffer: 2 ** 24 });
}

function has(program: string): boolean {
  try {
    run(program, ["--version"]);
    return true;
  } catch {
    return false;
  }
}

const hasNix = has("nix-instantiate");

describe("the flake", () => {
  test("names flags of standalone, and reads files that are there", () => {
    const text = readFileSync(join(ROOT, "deploy/nix/module.nix"), "utf8");
    const known = new Set(Object.values(flagsOf("standalone")).map(({ name }) => name));
    const named = [...text.matchAll(/"((?:[a-z-]+\.)+[a-z-]+|roles)" = /g)].map(([, name = ""]) => name);
    expect(named.length).toBeGreaterThan(10);
    expect(named.filter((name) => !known.has(name))).toEqual([]);
    for (const [, path = ""] of readFileSync(join(ROOT, "flake.nix"), "utf8").matchAll(/\.\/([\w./-]+)/g)) {
      expect(readFileSync(join(ROOT, path), "utf8")).not.toBe("");
    }
  });

  test.skipIf(!hasNix)("is Nix (needs nix-instantiate)", () => {
    for (const file of FILES) expect(run("nix-instantiate", ["--parse", join(ROOT, file)])).not.toBe("");
  });

  test.skipIf(!hasNix)(
    "comes to a command that standalone takes, and to packages with addresses and hashes (needs nix-instantiate)",
    () => {
      const fixture = join(ROOT, "tests/fixtures/nix/evaluate.nix");
      const { script, ports, unit, buildPhase } = evaluated.parse(
        JSON.parse(run("nix-instantiate", ["--eval", "--strict", "--json", fixture])),
      );
      const command = /exec \S+ (\w+) (.*)/.exec(script);
      const argv = [...(command?.[2] ?? "").matchAll(/'([^']*)'/g)].map(([, word = ""]) => word);
      expect(faultsOf({ role: command?.[1] ?? "", argv, environment: {} })).toEqual([]);
      expect(ports).toEqual([9090, 9093, 8000]);
      expect(unit).toMatchObject({ DynamicUser: true, LoadCredential: ["ntfy-token:/run/x"], ProtectSystem: "strict" });
      const packages = [...buildPhase.matchAll(/--file=https:\/\/\S+\.tgz#sha512-\S+ --directory="\$out\/(\S+)"/g)].map(
        ([, path]) => path,
      );
      expect(packages).toContain("node_modules/fastify");
      expect(packages).toContain("node_modules/esbuild");
      expect(packages.filter((path) => /vitest|chdb|node_modules\/typescript/.test(path ?? ""))).toEqual([]);
    },
  );

  test.skipIf(!has("nix"))("is a flake (needs nix)", { timeout: 300_000 }, () => {
    const flags = [
      "--extra-experimental-features",
      "nix-command flakes",
      "flake",
      "check",
      "--no-build",
      "--offline",
      "--no-write-lock-file",
    ];
    // Without the sources of nixpkgs on this machine there is nothing to check against.
    try {
      execFileSync("nix", [...flags, ROOT], { stdio: "pipe", encoding: "utf8" });
    } catch (error) {
      expect(String(error)).toMatch(/nixpkgs|unable to download|cannot fetch|offline/i);
    }
  });
});
