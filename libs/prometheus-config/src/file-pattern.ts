import { readdir } from "node:fs/promises";
import { basename, dirname, join } from "node:path";

/**
 * The files that match a pattern with `*` and `?` in its last part, sorted; a pattern without them is itself. A folder
 * that does not exist holds no files.
 */
export async function expandFilePattern(pattern: string): Promise<readonly string[]> {
  const name = basename(pattern);
  if (!/[*?]/.test(name)) return [pattern];
  const folder = dirname(pattern);
  try {
    const names = await readdir(folder);
    return names
      .filter((each) => matchesFileName(name, each))
      .toSorted()
      .map((each) => join(folder, each));
  } catch (error) {
    if (isMissing(error)) return [];
    throw error;
  }
}

/** `*` matches any run of characters and `?` any one; no regular expression, so no pattern can make it slow. */
export function matchesFileName(pattern: string, name: string): boolean {
  let at = 0;
  let inPattern = 0;
  let starAt = -1;
  let resumeAt = 0;
  while (at < name.length) {
    const wanted = pattern[inPattern];
    if (wanted === "*") {
      starAt = inPattern++;
      resumeAt = at;
    } else if (wanted === "?" || wanted === name[at]) {
      inPattern++;
      at++;
    } else if (starAt >= 0) {
      inPattern = starAt + 1;
      at = ++resumeAt;
    } else return false;
  }
  while (pattern[inPattern] === "*") inPattern++;
  return inPattern === pattern.length;
}

/** Whether a file system error says that the path does not exist. */
export function isMissing(error: unknown): boolean {
  return error instanceof Error && "code" in error && error.code === "ENOENT";
}
