/** `*`, `?`, `[a-z]` and `\` as Go's `filepath.Match` has them, for one part of a path. */
export function globPattern(glob: string): RegExp {
  let source = "";
  for (let at = 0; at < glob.length; at++) {
    const character = glob[at] ?? "";
    const end = character === "[" ? glob.indexOf("]", at + 2) : -1;
    if (character === "*") source += "[^/]*";
    else if (character === "?") source += "[^/]";
    else if (character === "\\") source += escape(glob[++at] ?? "\\");
    else if (end > 0) {
      const isNegated = glob[at + 1] === "^";
      const set = glob.slice(at + (isNegated ? 2 : 1), end).replaceAll(/[[\]\\^]/g, String.raw`\$&`);
      source += set === "" ? escape("[") : `[${isNegated ? "^" : ""}${set}]`;
      at = set === "" ? at : end;
    } else source += escape(character);
  }
  return new RegExp(`^${source}$`, "s");
}

function escape(text: string): string {
  return text.replaceAll(/[\\^$.*+?()[\]{}|/-]/g, String.raw`\$&`);
}
