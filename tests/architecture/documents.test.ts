import { existsSync, readdirSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { describe, expect, test } from "vitest";
import { ROOT, readPackages } from "./workspace.ts";

const pages = readdirSync(join(ROOT, "docs")).filter((name) => name.endsWith(".md"));
const read = (path: string): string => readFileSync(join(ROOT, path), "utf8");

/** Addresses that are written out where routes are added; those of pings and the management API are patterns. */
function registeredRoutes(): string[] {
  const sources = readPackages()
    .filter(({ folder }) => folder.startsWith("services/"))
    .flatMap((pkg) => pkg.sources)
    .filter(
      ({ path }) => /\/(routes|api|badges|exposition|management)\//.test(path) && !/(\.test|-fixture)\.ts$/.test(path),
    );
  return sources.flatMap(({ text }) =>
    [...text.matchAll(/app\.(?:get|post|put|delete)(?:<[^(]*>)?\(\s*"(\/[^"*]+)"|^\s+url: "(\/[^"]+)"/gm)].map(
      ([, called, listed]) => called ?? listed ?? "",
    ),
  );
}

describe("documents", () => {
  test("docs/http-api.md has every route", () => {
    const text = read("docs/http-api.md");
    const routes = [...new Set(registeredRoutes())];
    expect(routes.length).toBeGreaterThan(40);
    // What Healthchecks' management API has is documented with it.
    const elsewhere = /^\/(body|fail|badge\/:key\/:signature)$/;
    expect(routes.filter((route) => !elsewhere.test(route) && !text.includes(`${route}\``))).toEqual([]);
  });

  test("every page of docs/ can be reached from the README", () => {
    const readme = read("README.md");
    expect(pages.filter((page) => !readme.includes(`docs/${page}`))).toEqual([]);
  });

  test.each(["README.md", "ARCHITECTURE.md", "CONTRIBUTING.md", ...pages.map((page) => `docs/${page}`)])(
    "%s names no file that is not there",
    (page) => {
      const links = [...read(page).matchAll(/\]\((?!https?:)([^)#]+)(?:#[^)]*)?\)/g)].map(([, target = ""]) => target);
      const plain = [...read(page).matchAll(/(?<![\w/.-])([\w-]+\.md)(?![\w])/g)].map(([, name = ""]) => name);
      const exists = (target: string): boolean =>
        [dirname(page), "docs", "."].some((folder) => existsSync(join(ROOT, folder, target)));
      expect([...links, ...plain].filter((target) => !exists(target))).toEqual([]);
    },
  );

  test("commands in the documents are commands of the program", () => {
    const commands = read("tools/monotreme.mjs");
    const named = pages.flatMap((page) => [...read(`docs/${page}`).matchAll(/npm run monotreme -- ([a-z]+)/g)]);
    const unknown = named
      .map(([, name = ""]) => name)
      .filter((name) => !commands.includes(`["${name}",`) && !existsSync(join(ROOT, "services", name)));
    expect(unknown).toEqual([]);
  });
});
