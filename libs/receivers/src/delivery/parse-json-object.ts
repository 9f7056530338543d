/** The members of a JSON object; undefined where the text is something else. */
export function parseJsonObject(text: string): Readonly<Record<string, unknown>> | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === "object" && value !== null && !Array.isArray(value) ? { ...value } : undefined;
  } catch {
    return undefined;
  }
}

/** A member of a parsed object as text: strings as they are, other values as JSON, "" where it is absent. */
export function textMember(object: Readonly<Record<string, unknown>> | undefined, name: string): string {
  const value = object?.[name];
  if (value === undefined || value === null) return "";
  return typeof value === "string" ? value : JSON.stringify(value);
}
