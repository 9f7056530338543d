const REFERENCE = /\$(?:\$|\{([^}]*)\}|([A-Za-z_][A-Za-z0-9_]*))/g;

/**
 * Replaces `$NAME` and `${NAME}` by the environment's values and `$$` by `$`, as upstream does in external labels. A
 * name the environment lacks becomes the empty text and is handed to `onMissing`.
 */
export function expandEnvironment(
  text: string,
  environment: Readonly<Record<string, string | undefined>>,
  onMissing: (name: string) => void = () => undefined,
): string {
  return text.replace(REFERENCE, (reference, braced?: string, bare?: string) => {
    if (reference === "$$") return "$";
    const name = braced ?? bare ?? "";
    const value = environment[name];
    if (value === undefined) onMissing(name);
    return value ?? "";
  });
}
