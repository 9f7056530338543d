import {
  ConfigDocument,
  type Field,
  optional,
  type Schema,
  type Secret,
  secret,
  text,
  withDefault,
} from "@monotreme/prometheus-config";

/** A text that is empty where the file has none. */
export const optionalText: Field<string> = withDefault(text, "");

/** A field that may be missing; an empty text is as good as none. */
export function optionalFilled<T>(schema: Schema<T>): Field<T | undefined> {
  const field = optional(schema);
  return {
    ...field,
    schema: {
      decode: (node) => (node.text === "" ? undefined : field.schema.decode(node)),
      render: (value, mode) => field.schema.render(value, mode),
    },
  };
}

/** A secret; an empty one is none. */
export const optionalSecret: Field<Secret | undefined> = optionalFilled(secret);

/** The path of a file that is read at each use, from the working directory on; an empty one is none. */
export const optionalPath: Field<string | undefined> = optionalFilled(text);

/** A field that may be missing and is rendered whenever it is not, `0`, `false` and the empty list included. */
export function optionalShown<T>(schema: Schema<T>): Field<T | undefined> {
  return { ...optional(schema), isOmitted: () => false };
}

/**
 * A field with a default that renderings leave out, because upstream's older tools, which read renderings strictly, do
 * not know the field.
 */
export function quietDefault<T extends string | number | boolean>(schema: Schema<T>, fallback: T): Field<T> {
  return { schema, absent: () => fallback, isOmitted: (value) => value === fallback };
}

/** What a schema gives for a section that is there but empty: all its defaults. */
export function defaultsOf<T>(schema: Schema<T>): T {
  const document = new ConfigDocument("", { fileName: "defaults", folder: "/" });
  const value = schema.decode(document.root);
  if (value === undefined) throw new TypeError(`a section without defaults: ${document.faults.join()}`);
  return value;
}
