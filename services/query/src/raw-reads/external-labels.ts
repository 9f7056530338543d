import { Labels, type Matcher } from "@monotreme/model";

export type ExternalLabels = Readonly<Record<string, string>>;

/** The labels with the external ones added; a label that the series has already stays as it is. */
export function withExternalLabels(labels: Labels, external: ExternalLabels): Labels {
  const missing = Object.entries(external).filter(([name]) => !labels.has(name));
  return missing.length === 0 ? labels : Labels.fromEntries([...labels, ...missing]);
}

/** Without the matchers that ask for just what the external labels say: stored series do not carry them. */
export function withoutExternalMatchers(matchers: readonly Matcher[], external: ExternalLabels): readonly Matcher[] {
  return matchers.filter(
    ({ type, name, value }) => !(type === "=" && Object.hasOwn(external, name) && external[name] === value),
  );
}
