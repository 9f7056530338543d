/** A replacement text cut into literal parts (strings) and the groups to put between them (indexes). */
export type Template = readonly (string | number)[];

const GROUP_NAME = /\$(?:(\$)|([\p{L}\p{Nd}_]+)|\{([\p{L}\p{Nd}_]+)\})/gu;

/**
 * Cuts a replacement text as Go's `Regexp.Expand` reads it: `$1`, `${1}`, `$name`, `${name}`, `$$` for a dollar; a name
 * is the longest run of letters, digits and underscores; an unknown group is empty; any other dollar stands for itself.
 */
export function parseTemplate(text: string, groupNames: Readonly<Record<string, number>>): Template {
  const parts: (string | number)[] = [];
  let end = 0;
  for (const found of text.matchAll(GROUP_NAME)) {
    parts.push(text.slice(end, found.index));
    end = found.index + found[0].length;
    const name = found[2] ?? found[3];
    if (name === undefined) parts.push("$");
    else {
      const index = groupIndex(name, groupNames);
      if (index !== undefined) parts.push(index);
    }
  }
  parts.push(text.slice(end));
  return parts.filter((part) => part !== "");
}

/** The text that a template makes of one match. */
export function expandTemplate(template: Template, groups: readonly (string | undefined)[]): string {
  let text = "";
  for (const part of template) text += typeof part === "string" ? part : (groups[part] ?? "");
  return text;
}

function groupIndex(name: string, groupNames: Readonly<Record<string, number>>): number | undefined {
  if (/^(?:0|[1-9][0-9]{0,7})$/.test(name)) return Number(name);
  return Object.hasOwn(groupNames, name) ? groupNames[name] : undefined;
}
