import type { Labels } from "@monotreme/model";

/** Labels as an object, in their own order: JavaScript's objects would move names that look like numbers. */
export function labelsJson(labels: Labels): string {
  let text = "{";
  for (const [name, value] of labels) {
    text += `${text.length > 1 ? "," : ""}${JSON.stringify(name)}:${JSON.stringify(value)}`;
  }
  return `${text}}`;
}
