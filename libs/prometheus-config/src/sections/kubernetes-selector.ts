const NAME = "[A-Za-z0-9](?:[-A-Za-z0-9_.]*[A-Za-z0-9])?";
const KEY = `(?:[a-z0-9](?:[-a-z0-9.]*[a-z0-9])?/)?${NAME}`;
const VALUE = `(?:${NAME})?`;
const REQUIREMENT = new RegExp(
  `^(?:!?\\s*${KEY}|${KEY}\\s*(?:==?|!=)\\s*${VALUE}|${KEY}\\s*[<>]\\s*-?\\d+|${KEY}\\s+(?:in|notin)\\s*\\(\\s*${VALUE}\\s*(?:,\\s*${VALUE}\\s*)*\\))$`,
);

/** Far above any selector of use; checking one costs time in its length. */
const MAX_LENGTH = 4096;

/** What keeps a text from being a label selector of Kubernetes (`a=b,c in (d,e),!f`); undefined for a good one. */
export function labelSelectorFault(selector: string): string | undefined {
  if (selector.length > MAX_LENGTH) return `a label selector is longer than ${MAX_LENGTH} characters`;
  if (selector.trim() === "") return undefined;
  // A comma inside of parentheses separates values and not requirements.
  const bad = selector.split(/,(?![^(]*\))/).find((part) => !REQUIREMENT.test(part.trim()));
  return bad === undefined ? undefined : `unable to parse requirement ${JSON.stringify(bad)} of a label selector`;
}

/** The same for field selectors (`status.phase=Running,spec.nodeName!=a`). */
export function fieldSelectorFault(selector: string): string | undefined {
  if (selector.length > MAX_LENGTH) return `a field selector is longer than ${MAX_LENGTH} characters`;
  for (const term of selector.split(/(?<!\\),/)) {
    if (term === "" || /^[^=!\\]+(?:==?|!=)(?:\\[\\,=]|[^\\,=])*$/.test(term)) continue;
    return `invalid selector: ${JSON.stringify(selector)}; can't understand ${JSON.stringify(term)}`;
  }
  return undefined;
}
