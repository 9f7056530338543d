import { type Fields, mapping, type MappingOptions, type Schema, type ValueOf } from "@monotreme/prometheus-config";

/** `api_url` → `apiUrl`. */
type CamelCase<S extends string> = S extends `${infer Head}_${infer Tail}`
  ? `${Head}${Capitalize<CamelCase<Tail>>}`
  : S;

type NameOf<N, K extends string> = K extends keyof N ? N[K] & string : CamelCase<K>;

type Structure<F extends Fields, N> = {
  readonly [K in keyof F & string as NameOf<N, K>]: ValueOf<F>[K];
};

interface StructureOptions<F extends Fields, N> extends MappingOptions<F> {
  /** Names of values that say more than the field's own, such as a duration's unit. */
  readonly names?: N;
}

/** What a schema decodes to. */
export type Decoded<S> = S extends Schema<infer T> ? T : never;

/** A mapping with known fields whose value has the names that code uses: `apiUrl` for `api_url`. */
export function structure<F extends Fields, const N extends Partial<Record<keyof F & string, string>> = object>(
  options: StructureOptions<F, N>,
): Schema<Structure<F, N>> {
  const schema = mapping(options);
  const given: Readonly<Record<string, string | undefined>> = options.names ?? {};
  const names = Object.keys(options.fields).map((field) => [field, given[field] ?? camelCase(field)] as const);
  return {
    decode: (node) => {
      const section: Readonly<Record<string, unknown>> | undefined = schema.decode(node);
      if (section === undefined) return undefined;
      return Object.fromEntries(names.map(([field, name]) => [name, section[field]])) as Structure<F, N>;
    },
    render: (value, mode) => {
      const values: Readonly<Record<string, unknown>> = value;
      const section = Object.fromEntries(names.map(([field, name]) => [field, values[name]]));
      return schema.render(section as ValueOf<F>, mode);
    },
  };
}

function camelCase(field: string): string {
  return field.replaceAll(/_(.)/g, (_, letter: string) => letter.toUpperCase());
}
