import { compileAnchored } from "@monotreme/model";

/**
 * A pattern that has to match a whole text (RE2 syntax, `.` matches newlines). Patterns of the plain kinds that most
 * configurations use are answered without the regex engine.
 */
export interface RelabelRegex {
  /** The index of each named group. */
  readonly groupNames: Readonly<Record<string, number>>;
  test(text: string): boolean;
  /** The whole match and its groups (`undefined` for one that took no part), or undefined without a match. */
  match(text: string): readonly (string | undefined)[] | undefined;
}

const META = /[\\.+*?()[\]{}^$]/;

/** A literal head and then anything, with or without a group around that: `.*`, `(.+)`, `node_(.*)`. */
const PREFIX_FORM = /^([^\\.+*?()[\]{}^$|]*)(?:\.([*+])|\(\.([*+])\))$/;

/** Compiles a pattern; throws re2js' syntax error for a bad one. */
export function compileRelabelRegex(pattern: string): RelabelRegex {
  if (!META.test(pattern)) return alternativesRegex(pattern.split("|"));
  const form = PREFIX_FORM.exec(pattern);
  if (form !== null) return prefixRegex(form[1] ?? "", (form[2] ?? form[3]) === "+" ? 1 : 0, form[3] !== undefined);
  return engineRegex(pattern);
}

function alternativesRegex(alternatives: readonly string[]): RelabelRegex {
  const set = new Set(alternatives);
  return {
    groupNames: {},
    test: (text) => set.has(text),
    match: (text) => (set.has(text) ? [text] : undefined),
  };
}

function prefixRegex(prefix: string, minimumRest: number, isGroup: boolean): RelabelRegex {
  const minimum = prefix.length + minimumRest;
  const test = (text: string): boolean => text.length >= minimum && text.startsWith(prefix);
  return {
    groupNames: {},
    test,
    match(text) {
      if (!test(text)) return undefined;
      return isGroup ? [text, text.slice(prefix.length)] : [text];
    },
  };
}

function engineRegex(pattern: string): RelabelRegex {
  const regex = compileAnchored(pattern);
  return {
    groupNames: regex.namedGroups(),
    test: (text) => regex.matches(text),
    match(text) {
      const matcher = regex.matcher(text);
      if (!matcher.matches()) return undefined;
      const groups: (string | undefined)[] = [];
      for (let i = 0; i <= regex.groupCount(); i++) groups.push(matcher.group(i) ?? undefined);
      return groups;
    },
  };
}
