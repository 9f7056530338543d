import type { Matcher as RegexMatcher } from "re2js";

const NAME = /^\w+/;
const NUMBER = /^\d+$/;

/**
 * Expands `$1`, `${1}`, `$name` and `${name}` with the groups of a match, `$$` to `$`, as Go's `Regexp.Expand` does:
 * the longest run of letters, digits and underscores is the name, an unknown group is empty, a malformed reference
 * stays as it is.
 */
export function expandTemplate(template: string, match: RegexMatcher): string {
  let expanded = "";
  let rest = template;
  for (;;) {
    const dollar = rest.indexOf("$");
    if (dollar < 0) return expanded + rest;
    expanded += rest.slice(0, dollar);
    rest = rest.slice(dollar + 1);
    if (rest.startsWith("$")) {
      expanded += "$";
      rest = rest.slice(1);
      continue;
    }
    const reference = readReference(rest);
    if (reference === undefined) {
      expanded += "$";
    } else {
      expanded += groupOf(match, reference.name);
      rest = rest.slice(reference.length);
    }
  }
}

function readReference(text: string): { readonly name: string; readonly length: number } | undefined {
  const isBraced = text.startsWith("{");
  const name = NAME.exec(isBraced ? text.slice(1) : text)?.[0];
  if (name === undefined) return undefined;
  if (!isBraced) return { name, length: name.length };
  return text[name.length + 1] === "}" ? { name, length: name.length + 2 } : undefined;
}

function groupOf(match: RegexMatcher, name: string): string {
  if (NUMBER.test(name)) {
    const index = Number(name);
    return index <= match.groupCount() ? (match.group(index) ?? "") : "";
  }
  try {
    return match.group(name) ?? "";
  } catch {
    // re2js throws for a name that the expression does not have; Go gives the empty text.
    return "";
  }
}
