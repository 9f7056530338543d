import { readdirSync, readFileSync } from "node:fs";
import { basename, join } from "node:path";
import { describe, expect, test } from "vitest";
import { renderConfigPage } from "../../tools/docs/config-page.ts";
import { renderKnownVariables } from "../../tools/docs/known-variables.ts";
import { renderMetricsPage } from "../../tools/docs/metrics-page.ts";
import { ROOT, readPackages } from "./workspace.ts";

const packages = readPackages();
const sources = packages.flatMap((pkg) => pkg.sources).filter((file) => !file.path.endsWith(".test.ts"));

/** Codes of errors, by file: what is written in capitals where AppError is known. */
function errorCodes(): Map<string, string> {
  const codes = new Map<string, string>();
  for (const file of sources.filter(({ text }) => text.includes("@monotreme/errors"))) {
    // Written as texts, or as the keys of a table that gives each its kind.
    for (const [, text, key] of file.text.matchAll(
      /"([A-Z]+(?:_[A-Z0-9]+)+)"|^ +([A-Z]+(?:_[A-Z0-9]+)+): \{ kind:/gm,
    )) {
      codes.set(text ?? key ?? "", file.path);
    }
  }
  return codes;
}

describe("habits", () => {
  test("every error code stands in docs/errors.md, and no other", () => {
    const documented = new Set(
      [...readFileSync(join(ROOT, "docs/errors.md"), "utf8").matchAll(/^\| `([A-Z0-9_]+)` \|/gm)].map(
        ([, code]) => code,
      ),
    );
    const codes = errorCodes();
    expect([...codes].filter(([code]) => !documented.has(code)).map(([code, path]) => `${code} (${path})`)).toEqual([]);
    expect([...documented].filter((code) => !codes.has(code ?? ""))).toEqual([]);
  });

  test("the generated pages are those of the code (npm run docs)", () => {
    expect(readFileSync(join(ROOT, "docs/config.md"), "utf8")).toBe(renderConfigPage());
    expect(readFileSync(join(ROOT, "docs/metrics.md"), "utf8")).toBe(renderMetricsPage());
    const variables = readFileSync(join(ROOT, "libs/config/src/generated/known-variables.ts"), "utf8");
    expect(variables).toBe(renderKnownVariables());
  });

  test("every metric stands in docs/metrics.md, and no other", () => {
    const documented = new Set(
      [...readFileSync(join(ROOT, "docs/metrics.md"), "utf8").matchAll(/^\| `([a-z_]+)` \|/gm)].map(([, name]) => name),
    );
    const inCode = new Map<string, string>();
    for (const file of sources) {
      for (const [, name] of file.text.matchAll(/"((?:monotreme|prometheus|alertmanager)_[a-z_]+)"/g)) {
        if (name !== undefined) inCode.set(name, file.path);
      }
    }
    expect([...inCode].filter(([name]) => !documented.has(name)).map(([name, path]) => `${name} (${path})`)).toEqual(
      [],
    );
    expect([...documented].filter((name) => !inCode.has(name ?? ""))).toEqual([]);
  });

  test("only lifecycle ends the process or listens to signals", () => {
    const offenders = sources
      .filter((file) => !file.path.startsWith("libs/lifecycle/"))
      .filter((file) => /process\.(exit|on|once)\(/.test(file.text))
      .map((file) => file.path);
    expect(offenders).toEqual([]);
  });

  test("only lifecycle binds addresses, so that a web configuration secures them all", () => {
    const offenders = sources
      .filter((file) => !/^libs\/(http|lifecycle|testkit)\//.test(file.path))
      .filter((file) => /HttpListener\.listen\(|\bcreateServer\b[^;]*from "node:https?"/.test(file.text))
      .map((file) => file.path);
    expect(offenders).toEqual([]);
  });

  test("no folder is named utils, common, shared, helpers or core", () => {
    for (const { path } of sources) expect(path).not.toMatch(/\/(utils|common|shared|helpers|core)\//);
  });

  test("every service has main, config, service and metrics, and a README", () => {
    for (const pkg of packages.filter(({ folder }) => folder.startsWith("services/"))) {
      const files = new Set(pkg.sources.map((file) => file.path.slice(pkg.folder.length + 1)));
      for (const name of ["main", "config", "service"])
        expect(files.has(`src/${name}.ts`), `${pkg.folder} ${name}`).toBe(true);
      expect(readdirSync(join(ROOT, pkg.folder)), pkg.folder).toContain("README.md");
    }
  });

  test("index files export by name only", () => {
    for (const file of sources.filter(({ path }) => basename(path) === "index.ts")) {
      expect(file.text, file.path).not.toMatch(/^export \* /m);
    }
  });

  test("no test is skipped or mocks a module", () => {
    for (const file of packages.flatMap((pkg) => pkg.sources).filter(({ path }) => path.endsWith(".test.ts"))) {
      expect(file.text, file.path).not.toMatch(/\b(it|test|describe)\.(skip|only|todo)\(|vi\.mock\(/);
    }
  });

  test("the lock file names no download address", () => {
    expect(readFileSync(join(ROOT, "package-lock.json"), "utf8")).not.toMatch(/"resolved": "https?:/);
  });
});
