import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { importsOf, ROOT, readPackages, type WorkspacePackage } from "./workspace.ts";

const packages = readPackages();
const libs = packages.filter(({ folder }) => folder.startsWith("libs/"));
const services = packages.filter(({ folder }) => folder.startsWith("services/"));
const serviceNames = new Set(services.map(({ name }) => name));

function monotremeImports(pkg: WorkspacePackage): Map<string, string> {
  const found = new Map<string, string>();
  for (const file of pkg.sources) {
    for (const { specifier } of importsOf(file)) {
      // A door for tests, as `@monotreme/clock/testing`, belongs to its package.
      const imported = specifier.split("/").slice(0, 2).join("/");
      if (imported.startsWith("@monotreme/") && imported !== pkg.name) found.set(imported, file.path);
    }
  }
  return found;
}

/** The table "Libraries" of ARCHITECTURE.md: name → what it may import. */
function allowedArrows(): Map<string, Set<string>> {
  const text = readFileSync(join(ROOT, "ARCHITECTURE.md"), "utf8");
  const arrows = new Map<string, Set<string>>();
  for (const match of text.matchAll(/^\| `([a-z-]+)` \|[^|]*\|([^|]*)\|$/gm)) {
    const allowed = [...(match[2] ?? "").matchAll(/`([a-z-]+)`/g)].map(([, name]) => `@monotreme/${name}`);
    arrows.set(`@monotreme/${match[1]}`, new Set(allowed));
  }
  return arrows;
}

/** Named by the root, because only tests use them. */
const TEST_TOOLS: ReadonlySet<string> = new Set(["vitest", "fast-check", "protobufjs"]);

function isForTests(path: string): boolean {
  return /(\.test|\.bench|-fixture)\.ts$/.test(path);
}

describe("imports", () => {
  const arrows = allowedArrows();

  test.each(libs.map((lib) => [lib.name, lib] as const))("%s imports only what ARCHITECTURE.md allows", (name, lib) => {
    const allowed = arrows.get(name);
    expect(allowed, `${name} is missing in the table of ARCHITECTURE.md`).toBeDefined();
    for (const [specifier, path] of monotremeImports(lib)) {
      expect(allowed?.has(specifier), `${path} imports ${specifier}`).toBe(true);
    }
  });

  test("the table names no lib that does not exist", () => {
    expect([...arrows.keys()].filter((name) => !libs.some((lib) => lib.name === name))).toEqual([]);
  });

  test.each(services.map((service) => [service.name, service] as const))(
    "%s imports no other service",
    (name, service) => {
      // The composition root starts the other services; nothing else may know them.
      if (name === "@monotreme/standalone") return;
      for (const [specifier, path] of monotremeImports(service)) {
        expect(serviceNames.has(specifier), `${path} imports the service ${specifier}`).toBe(false);
      }
    },
  );

  test.each(packages.map((pkg) => [pkg.name, pkg] as const))("%s declares what it imports", (_name, pkg) => {
    for (const file of pkg.sources) {
      for (const { specifier } of importsOf(file)) {
        if (specifier.startsWith(".") || specifier.startsWith("node:")) continue;
        const parts = specifier.split("/");
        const packageName = specifier.startsWith("@") ? parts.slice(0, 2).join("/") : parts[0];
        const isTestTool = isForTests(file.path) && TEST_TOOLS.has(packageName ?? "");
        const isDeclared = isTestTool || pkg.dependencies.includes(packageName ?? "");
        expect(isDeclared, `${file.path} imports ${specifier}, which ${pkg.folder}/package.json does not name`).toBe(
          true,
        );
        // What a package offers beside its main door stands in its own `exports`; only tests may use it.
        if (packageName?.startsWith("@monotreme/") && !isForTests(file.path)) {
          expect(specifier, `deep import in ${file.path}`).toBe(packageName);
        }
      }
    }
  });

  test("relative imports carry .ts and stay in their package", () => {
    for (const pkg of packages) {
      for (const file of pkg.sources) {
        for (const { specifier } of importsOf(file)) {
          if (!specifier.startsWith(".")) continue;
          expect(specifier, file.path).toMatch(/\.(ts|mjs|sql|json)$/);
          expect(join(file.path, "..", specifier).startsWith(pkg.folder), `${file.path} → ${specifier}`).toBe(true);
        }
      }
    }
  });
});
