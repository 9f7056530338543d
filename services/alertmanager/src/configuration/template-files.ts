import { readdir, readFile } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { AppError, messageOf } from "@monotreme/errors";
import { globPattern } from "./glob-pattern.ts";

/** A file of templates that cannot be read. */
export class TemplateFileError extends AppError {
  constructor(path: string, cause: unknown) {
    super("ALERTMANAGER_TEMPLATE_FILE", "invalid", `${path}: cannot read the templates: ${messageOf(cause)}`, {
      cause,
    });
  }
}

export interface TemplateText {
  readonly name: string;
  readonly text: string;
}

/** The files that the patterns of `templates` name, in order; a pattern may match none. Only its last part may vary. */
export async function readTemplateFiles(patterns: readonly string[]): Promise<TemplateText[]> {
  const files: TemplateText[] = [];
  for (const pattern of patterns) {
    for (const path of await pathsOf(pattern)) files.push({ name: basename(path), text: await readText(path) });
  }
  return files;
}

async function pathsOf(pattern: string): Promise<string[]> {
  const folder = dirname(pattern);
  try {
    const isMatch = globPattern(basename(pattern));
    const names = await readdir(folder);
    return names
      .filter((name) => isMatch.test(name))
      .sort()
      .map((name) => join(folder, name));
  } catch {
    return []; // as upstream: what does not exist matches nothing
  }
}

async function readText(path: string): Promise<string> {
  try {
    return await readFile(path, "utf8");
  } catch (error) {
    throw new TemplateFileError(path, error);
  }
}
