import { readdirSync, readFileSync } from "node:fs";
import { join, relative, resolve } from "node:path";

/** The repository's root. */
export const ROOT = resolve(import.meta.dirname, "../..");

export interface SourceFile {
  /** Path from the root, with forward slashes. */
  readonly path: string;
  readonly text: string;
}

/** One package of the workspace, read from disk. */
export interface WorkspacePackage {
  /** Folder from the root: `libs/model`, `services/query`. */
  readonly folder: string;
  readonly name: string;
  readonly dependencies: readonly string[];
  readonly sources: readonly SourceFile[];
}

export function readPackages(): WorkspacePackage[] {
  return ["libs", "services"].flatMap((kind) =>
    readdirSync(join(ROOT, kind), { withFileTypes: true })
      .filter((entry) => entry.isDirectory())
      .map((entry) => readPackage(`${kind}/${entry.name}`)),
  );
}

function readPackage(folder: string): WorkspacePackage {
  const manifest: { name: string; dependencies?: Record<string, string> } = JSON.parse(
    readFileSync(join(ROOT, folder, "package.json"), "utf8"),
  );
  return {
    folder,
    name: manifest.name,
    dependencies: Object.keys(manifest.dependencies ?? {}),
    sources: readSources(join(folder, "src")),
  };
}

/** All TypeScript files below a folder of the root. */
export function readSources(folder: string): SourceFile[] {
  return readdirSync(join(ROOT, folder), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && entry.name.endsWith(".ts"))
    .map((entry) => join(entry.parentPath, entry.name))
    .map((path) => ({ path: relative(ROOT, path), text: readFileSync(path, "utf8") }));
}

export interface ImportStatement {
  readonly specifier: string;
  readonly isTypeOnly: boolean;
}

/** What a file imports or re-exports, by its own words. */
export function importsOf(file: SourceFile): ImportStatement[] {
  const pattern = /^(?:import|export)\s+(type\s+)?(?:[^"';]*?\sfrom\s+)?"([^"]+)";?$/gms;
  return [...file.text.matchAll(pattern)].map((match) => ({
    specifier: match[2] ?? "",
    isTypeOnly: match[1] !== undefined,
  }));
}
